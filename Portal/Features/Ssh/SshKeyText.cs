using Portal.Features.Credentials;

namespace Portal.Features.Ssh;

/// <summary>Tells what somebody pasted in the place of one public key. Speaks of the text without repeating any of it: it may be a secret.</summary>
public static class SshKeyText
{
    /// <summary>An RSA key of 16,384 bits has 2,800 characters.</summary>
    public const int LongestText = 16 * 1024;

    private const string Example = "one line, such as ssh-ed25519 AAAA… name, from a file that ends in .pub";

    // How every blob begins: the length of a short type name.
    private const string BlobStart = "AAAA";

    private static readonly char[] s_blanks = [' ', '\t'];

    /// <returns>Null when it is a line of a known type followed by something.</returns>
    public static string? Complaint(string text)
    {
        if (IssueRules.HoldsPrivateKey(text))
        {
            return "This is a private key. It was not kept, but it has left your computer: treat it as known to others and make a new one. "
                + "What is asked for is the public key, in the file that ends in .pub.";
        }

        if (text.Length > LongestText)
            return $"The text is too long for a public key: at most {LongestText:N0} characters. Give {Example}.";
        if (string.IsNullOrWhiteSpace(text))
            return $"Give a public key: {Example}.";
        string[] lines = [.. text.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        if (lines[0].StartsWith("----", StringComparison.Ordinal))
            return "This is a public key in another form. Turn it into OpenSSH's one line: ssh-keygen -i -f FILE, or with -m PKCS8 for PEM.";
        if (lines.Length > 1)
        {
            return lines.Count(line => FindKey(Words(line)) >= 0) > 1
                ? "These are several keys. A certificate is for one: give one line."
                : $"The key is spread over several lines. Give {Example}.";
        }

        return ComplaintAboutLine(Words(lines[0]));
    }

    private static string? ComplaintAboutLine(string[] words)
    {
        var type = words[0];
        if (type.EndsWith(SshKeyTypes.CertificateSuffix, StringComparison.Ordinal))
            return "This is a certificate. Give the public key that it is for, in the .pub file without -cert.";
        if (type == SshKeyTypes.Dsa)
            return "DSA keys are too weak and OpenSSH no longer takes them. Make a new key: ssh-keygen -t ed25519.";
        if (SshKeyTypes.Accepted.ContainsKey(type))
        {
            return words.Length == 1
                ? $"The line ends after the type of the key. Give {Example}."
                : FindKey(words[2..]) >= 0 ? "These are several keys. A certificate is for one: give one line." : null;
        }

        if (type.StartsWith(BlobStart, StringComparison.Ordinal))
            return $"The type in front of the key is missing. Give {Example}.";
        return FindKey(words) > 0
            ? "There is something in front of the key, such as options of an authorized_keys file. Give the key alone, from its type on."
            : $"This is not a public key of an accepted type ({string.Join(", ", SshKeyTypes.Accepted.Keys)}). Give {Example}.";
    }

    private static string[] Words(string line) => line.Split(s_blanks, StringSplitOptions.RemoveEmptyEntries);

    // Where a type is followed by the beginning of a blob.
    private static int FindKey(string[] words)
    {
        for (var i = 0; i + 1 < words.Length; i++)
        {
            if (IsType(words[i]) && words[i + 1].StartsWith(BlobStart, StringComparison.Ordinal))
                return i;
        }

        return -1;
    }

    private static bool IsType(string word) =>
        SshKeyTypes.Accepted.ContainsKey(word) || word == SshKeyTypes.Dsa || word.EndsWith(SshKeyTypes.CertificateSuffix, StringComparison.Ordinal);
}
