using System.Text;

namespace Portal.Vault;

/// <summary>For whom a call is made. Goes along as headers that Vault's audit log shows.</summary>
/// <param name="User">The person's login.</param>
/// <param name="Credential">The portal's id of the credential that the call is about.</param>
public sealed record OnBehalfOf(string User, Guid? Credential = null)
{
    private const int Longest = 200;
    private const string Plain = "-_.~@+";

    /// <summary>The login as one header value: whatever is not plainly readable is percent-encoded.</summary>
    internal string UserHeader
    {
        get
        {
            var text = new StringBuilder();
            foreach (var octet in Encoding.UTF8.GetBytes(User))
            {
                if (text.Length >= Longest)
                    break;
                if (char.IsAsciiLetterOrDigit((char)octet) || Plain.Contains((char)octet))
                    text.Append((char)octet);
                else
                    text.Append('%').Append(octet.ToString("X2", null));
            }
            return text.ToString();
        }
    }
}
