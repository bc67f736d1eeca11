using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Features.Databases;
using Portal.Features.Health;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Shell;
using Portal.Vault;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseStaticWebAssets();
builder.Services.AddData().AddVault().AddAudit().AddHealth().AddShell().AddCredentials().AddSignIn().AddTeams().AddDatabases();
var app = builder.Build();
app.UseShell();
app.UseStartupGate();
app.UseSignIn();
app.MapShell();
app.MapHealth();
app.MapSignIn();
app.MapCredentials();
app.MapDatabases();
app.Run();

public partial class Program;
