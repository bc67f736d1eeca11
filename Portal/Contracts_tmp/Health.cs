using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Features.Databases;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Vault;

namespace Portal.Features.Health
{
    public enum HealthStatus { Ok, Waiting, Broken }

    public sealed record HealthLine(string Title, HealthStatus Status, string Says, string? Remedy);

    public sealed record HealthSummary(HealthStatus Status, string? Message);

    public sealed class HealthChecklist(Demo demo)
    {
        public HealthSummary Current => demo.Vault switch
        {
            null => new(HealthStatus.Ok, null),
            VaultFailure.Sealed => new(HealthStatus.Broken, "Vault is sealed. What you hold keeps working until its end; new credentials have to wait. This page goes on by itself."),
            _ => new(HealthStatus.Broken, "Vault does not answer. What you hold keeps working until its end; new credentials have to wait. This page goes on by itself."),
        };

        public async Task<IReadOnlyList<HealthLine>> CheckAsync(Actor actor, CancellationToken ct)
        {
            await Task.Delay(demo.Slow, ct);
            if (demo.Vault is not null)
            {
                return
                [
                    new("Vault", HealthStatus.Broken, "Vault is sealed.", "vault operator unseal"),
                    new("Log-in to Vault", HealthStatus.Waiting, "Waits for Vault.", null),
                    new("Engines", HealthStatus.Waiting, "Waits for Vault.", null),
                    new("Database shop", HealthStatus.Waiting, "Waits for Vault.", null),
                    new("GitHub", HealthStatus.Ok, "Answers.", null),
                ];
            }

            return
            [
                new("Vault", HealthStatus.Ok, "Unsealed, version 1.20.4.", null),
                new("Log-in to Vault", HealthStatus.Ok, "All five roles log in.", null),
                new("Engines", HealthStatus.Broken, "The engine portal-transit is missing.", "dotnet Portal.dll setup-vault --vault-token-file <file>"),
                new("Database shop", HealthStatus.Ok, "2 roles, connected.", null),
                new("Credentials to be ended", HealthStatus.Waiting, "1 waits for a database that does not answer; it is tried again by itself.", null),
                new("GitHub", HealthStatus.Ok, "Answers.", null),
            ];
        }
    }

    public static class HealthFeature
    {
        public static IServiceCollection AddHealth(this IServiceCollection services) =>
            services.AddSingleton<HealthChecklist>().AddHealthPages().AddHostedService<DemoSeed>();

        public static void UseStartupGate(this WebApplication app)
        {
            var demo = app.Services.GetRequiredService<Demo>();
            app.Use((context, next) =>
            {
                if (demo.DropAnswer && context.Request.Path.StartsWithSegments("/browser"))
                    context.Response.OnStarting(() => { context.Abort(); return Task.CompletedTask; });
                return next(context);
            });
        }

        public static void MapHealth(this WebApplication app)
        {
            app.MapGet("/livez", () => Results.Ok()).AllowAnonymous();
            app.MapGet("/demo", (HttpRequest request, Demo demo) =>
            {
                foreach (var (key, value) in request.Query)
                {
                    switch (key)
                    {
                        case "vault": demo.Vault = Enum.TryParse<VaultFailure>(value, true, out var failure) ? failure : null; break;
                        case "revokeFails": demo.RevokeFails = value == "1"; break;
                        case "slow": demo.Slow = TimeSpan.FromMilliseconds(int.Parse(value!)); break;
                        case "signedOut": demo.SignedOut = value == "1"; break;
                        case "listsFail": demo.ListsFail = value == "1"; break;
                        case "listsHang": demo.ListsHang = value == "1"; break;
                        case "stale": demo.Stale = value == "1"; break;
                        case "drop": demo.DropAnswer = value == "1"; break;
                    }
                }

                return Results.Ok();
            }).AllowAnonymous();
            app.MapGet("/demo/seed", async (string what, IDbContextFactory<PortalDb> databases, TimeProvider time, CredentialChanges changes, CancellationToken ct) =>
            {
                await using var db = await databases.CreateDbContextAsync(ct);
                await db.Credentials.ExecuteDeleteAsync(ct);
                await db.DatabaseGrants.ExecuteDeleteAsync(ct);
                await db.AuditEvents.ExecuteDeleteAsync(ct);
                db.Seed(what, time.GetUtcNow());
                await db.SaveChangesAsync(ct);
                changes.Publish(DemoSignIn.Alice);
                return Results.Ok();
            }).AllowAnonymous();
        }
    }

    public sealed class DemoSeed(IDbContextFactory<PortalDb> databases, AuditKey key, TimeProvider time) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await db.Database.EnsureDeletedAsync(cancellationToken);
            await db.Database.EnsureCreatedAsync(cancellationToken);
            db.Add(new User { Id = DemoSignIn.Alice, Provider = "github", Subject = "101", Login = "alice" });
            db.Add(new Team { Id = MembershipCheck.Payments, Name = "payments", Provider = "github", Subject = "2001", Label = "acme/payments" });
            db.Add(new DatabaseConnection { Name = "shop", Engine = "postgresql", Host = "127.0.0.1", Port = 5432, Database = "shop", TlsMode = "disable" });
            db.Seed("full", time.GetUtcNow());
            await db.SaveChangesAsync(cancellationToken);
            await key.GetAsync(cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

namespace Portal.Features.Health
{
    public static class DemoData
    {
        private static readonly Guid s_grant = Guid.Parse("01930000-0000-7000-8000-00000000bbbb");

        public static void Seed(this PortalDb db, string what, DateTimeOffset now)
        {
            if (what != "nogrant" && !db.DatabaseRoles.Any())
            {
                Role("shop-readonly", "SELECT on all tables of shop");
                Role("shop-readwrite", "SELECT, INSERT, UPDATE and DELETE on all tables of shop");
            }

            if (what != "nogrant")
            {
                db.Add(new DatabaseGrant { Id = Guid.CreateVersion7(), TeamId = MembershipCheck.Payments, RoleName = "shop-readonly", MaxDurationSeconds = 28800 });
                db.Add(new DatabaseGrant { Id = Guid.CreateVersion7(), TeamId = MembershipCheck.Payments, RoleName = "shop-readwrite", MaxDurationSeconds = 3600, RequiresApproval = true });
            }

            if (what == "hostile")
            {
                var name = "<script>alert(1)</script>";
                if (!db.DatabaseRoles.Any(role => role.Name == name))
                    Role(name, "<img src=x onerror=alert(1)> \u202eevil", "SELECT '<b>bold</b>';");
                db.Add(new DatabaseGrant { Id = Guid.CreateVersion7(), TeamId = MembershipCheck.Payments, RoleName = name, MaxDurationSeconds = 28800 });
                Held("<b>role</b>", "<script>alert('reason')</script> " + new string('W', 450), 50, 480);
            }

            if (what == "many")
            {
                for (var i = 0; i < 500; i++)
                {
                    var name = $"service-{i:000}-readonly";
                    if (!db.DatabaseRoles.Any(role => role.Name == name))
                        Role(name, $"SELECT on all tables of service {i}");
                    db.Add(new DatabaseGrant { Id = Guid.CreateVersion7(), TeamId = MembershipCheck.Payments, RoleName = name, MaxDurationSeconds = 28800 });
                    Held(name, $"INC-{i}", 5 + i, 480 + i);
                }
            }

            if (what is "full" or "hostile")
            {
                Held("shop-readonly", "fix order 42", 59.97, 480);
                Held("shop-readonly", "INC-1187: customer cannot pay, look at payment 99812", 4.2, 8);
                Held("shop-readonly", "weekly report", 60 * 30, 60 * 30);
                Held("shop-readonly", "look at stock", 45, 480, shown: false);
                Held("shop-readonly", "fix order 41", 30, 480).StartRevoking("alice", now);
                var failing = Held("shop-readonly", "clean up", 33, 480);
                failing.StartRevoking("alice", now);
                failing.RetryRevoking("failed to revoke entry: dial tcp 10.0.0.7:5432: connect: connection refused", now.AddHours(1));
                Held("shop-readonly", "look at coupon 7", -20, 100).End(CredentialState.Expired, "its time", now.AddMinutes(-20));
                Held("shop-readonly", "fix order 40", 10, 100).End(CredentialState.Revoked, "alice", now.AddMinutes(-50));
                Held("shop-readonly", "fix order 39", 10, 100).End(CredentialState.Revoked, "lost membership of payments", now.AddMinutes(-150));
            }

            if (what is not "nogrant" and not "empty")
            {
                for (var i = 1; i <= 120; i++)
                {
                    db.Add(new Portal.Features.Audit.AuditEvent
                    {
                        Id = i, At = now.AddMinutes((i - 121) * 7), Action = (i % 4) switch { 0 => "credential.issue", 1 => "sign-in", 2 => "credential.extend", _ => "credential.revoke" },
                        ActorId = DemoSignIn.Alice, ActorLogin = "alice", Address = "127.0.0.1",
                        Object = i % 4 == 1 ? $"user {DemoSignIn.Alice}" : $"credential {Guid.CreateVersion7()}", Outcome = i % 17 == 0 ? "refused" : i % 29 == 0 ? "failed" : "ok",
                        Detail = i % 4 == 1 ? null : "shop-readonly: v-alice-shop-readonly-x7Gh2 until 2026-11-23T14:32:00Z",
                    });
                }
            }

            void Role(string name, string allows, string? sql = null) => db.Add(new DatabaseRole
            {
                Name = name, ConnectionName = "shop", Allows = allows, MaxDurationSeconds = 28800,
                CreationStatements = sql ?? "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}';\nGRANT SELECT ON ALL TABLES IN SCHEMA public TO \"{{name}}\";",
            });

            Credential Held(string role, string reason, double minutes, double latest, bool shown = true)
            {
                var credential = new Credential
                {
                    Id = Guid.CreateVersion7(), Kind = CredentialKind.Database, OwnerId = DemoSignIn.Alice, OwnerLogin = "alice", TeamId = MembershipCheck.Payments,
                    TeamName = "payments", GrantId = s_grant, Role = role, Target = "PostgreSQL shop", Reason = reason, RequestKey = Guid.CreateVersion7().ToString(),
                    IssuedAt = now.AddMinutes(-5), LatestEnd = now.AddMinutes(latest),
                };
                credential.Activate($"v-alice-{role[..Math.Min(role.Length, 12)]}-{Guid.CreateVersion7().ToString("N")[..12]}-1795000000", "lease", now.AddMinutes(minutes));
                if (shown)
                    credential.Shown(now.AddMinutes(-5));
                db.Add(credential);
                return credential;
            }
        }
    }
}
