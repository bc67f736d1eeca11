namespace Portal.Features.CloudCredentials.Types;

public sealed class PasswordType : CloudType
{
    private const string Field = "password";

    public override string Name => "password";

    public override string Title => "User name and password";

    public override string Help => "Give the user name and the password of an account that programs use, or leave the password empty, and one is made that you set there.";

    public override string AfterRevoke => "The password still works wherever it is set: change it there, or disable the account.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        new("username", "User name", "As the account is called where the password is used.")
        {
            IsRequired = true, Longest = 400, Example = "program", Check = Rules.OneLine("The user name"),
        },
        new(Field, "Password", $"Left empty, 32 letters and digits are made. Made in another way by {PasswordWish.Forms}.")
        {
            IsSensitive = true, Check = text => Rules.OneLine("The password")(text) ?? PasswordWish.Complaint(text),
        },
    ];

    protected override void Complete(IDictionary<string, string> values, IDictionary<string, string> errors) =>
        values[Field] = values.TryGetValue(Field, out var given) ? PasswordWish.Grant(given) : PasswordWish.Make();
}
