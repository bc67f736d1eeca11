namespace Portal.Features.SignIn;

/// <summary>Names of the authentication schemes.</summary>
public static class SignInSchemes
{
    public const string Session = "session";
    public const string GitHub = "github";
}
