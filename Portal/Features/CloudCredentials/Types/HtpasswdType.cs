using System.Text;
using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials.Types;

public sealed partial class HtpasswdType : CloudType
{
    private const string User = "username";
    private const string Password = "password";
    private const string Line = "htpasswd";

    // bcrypt looks at no more bytes.
    private const int LongestPassword = 72;

    private const int Cost = 12;

    public override string Name => "htpasswd";

    public override string Title => "htpasswd";

    public override string Help => "Give a user name, and the password is made and the line for the web server's htpasswd file computed; or give your own password, or a line with bcrypt alone.";

    public override string AfterRevoke => "The line still opens the web server: remove it from the htpasswd file there, by htpasswd -D FILE USER.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        new(User, "User name", "As it is typed at the web server; without a colon.")
        {
            IsRequired = true, Longest = 255, Example = "program", Check = UserName,
        },
        new(Password, "Password", $"Left empty, 32 letters and digits are made, unless the line is given. Made in another way by {PasswordWish.Forms}.")
        {
            IsSensitive = true, ReplacedBy = Line, Check = OwnPassword,
        },
        new(Line, "Line of the htpasswd file", "Computed from user name and password by bcrypt; given by itself, it is what htpasswd -nB USER prints, and the password that was kept falls away.")
        {
            IsSensitive = true, IsDerived = true, Longest = 400,
            Check = Rules.Form(BcryptLine(), "The line is the user name, a colon and a hash by bcrypt, which begins with $2y$ and a cost from 04 to 12, as htpasswd -nB USER prints it."),
        },
    ];

    protected override void Complete(IDictionary<string, string> values, IDictionary<string, string> errors)
    {
        var line = values.TryGetValue(Line, out var given) ? given : null;
        if (line is not null && line[..line.IndexOf(':', StringComparison.Ordinal)] != values[User])
            errors[Line] = "The line is for another user name than the one given.";
        if (line is not null && !values.ContainsKey(Password))
            return;
        var password = values.TryGetValue(Password, out var own) ? PasswordWish.Grant(own) : PasswordWish.Make();
        if (Encoding.UTF8.GetByteCount(password) > LongestPassword)
            errors[Password] = $"The password has more than {LongestPassword} bytes, of which bcrypt leaves out the rest; give a shorter one.";
        else if (line is not null && !IsOf(line, password))
            errors[Line] = "The line is not that of the password. Leave one of them empty.";
        if (errors.Count > 0)
            return;
        values[Password] = password;
        values[Line] = line ?? $"{values[User]}:{BCrypt.Net.BCrypt.HashPassword(password, BCrypt.Net.BCrypt.GenerateSalt(Cost, 'y'))}";
    }

    private static string? UserName(string text) =>
        text.Any(letter => letter == ':' || char.IsControl(letter)) ? "The user name is one line of text without a colon, which ends it in the htpasswd file." : null;

    private static string? OwnPassword(string text) => Rules.OneLine("The password")(text) ?? PasswordWish.Complaint(text);

    private static bool IsOf(string line, string password)
    {
        try
        {
            return BCrypt.Net.BCrypt.Verify(password, line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        }
        catch (BCrypt.Net.SaltParseException)
        {
            return false;
        }
    }

    // Each step more doubles the time for which a look at the line keeps this server, and the web server, busy.
    [GeneratedRegex(@"^[^:\p{Cc}]+:\$2[aby]\$(0[4-9]|1[0-2])\$[./A-Za-z0-9]{53}\z")]
    private static partial Regex BcryptLine();
}
