using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Data.Migrations
{
    /// <inheritdoc />
    public partial class Ssh : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "RevokedSshKeys",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    Fingerprint = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    RevokedById = table.Column<Guid>(type: "TEXT", nullable: false),
                    RevokedBy = table.Column<string>(type: "TEXT", nullable: false),
                    RevokedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RevokedSshKeys", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "SshAuthorities",
                columns: table => new
                {
                    Fingerprint = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    PublicKey = table.Column<string>(type: "TEXT", nullable: false),
                    CurrentSince = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SshAuthorities", x => x.Fingerprint);
                });

            migrationBuilder.CreateTable(
                name: "SshCertificates",
                columns: table => new
                {
                    CredentialId = table.Column<Guid>(type: "TEXT", nullable: false),
                    KeyId = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    KeyFingerprint = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    AuthorityFingerprint = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    Serial = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SshCertificates", x => x.CredentialId);
                    table.ForeignKey(
                        name: "FK_SshCertificates_Credentials_CredentialId",
                        column: x => x.CredentialId,
                        principalTable: "Credentials",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "SshRevocationVersions",
                columns: table => new
                {
                    Id = table.Column<int>(type: "INTEGER", nullable: false),
                    Version = table.Column<long>(type: "INTEGER", nullable: false),
                    ChangedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    EndedBefore = table.Column<long>(type: "INTEGER", nullable: false),
                    Content = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SshRevocationVersions", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "SshRoles",
                columns: table => new
                {
                    Name = table.Column<string>(type: "TEXT", maxLength: 63, nullable: false),
                    Allows = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Hosts = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Principals = table.Column<string>(type: "TEXT", nullable: false),
                    Extensions = table.Column<string>(type: "TEXT", nullable: false),
                    MaxDurationSeconds = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SshRoles", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "SshGrants",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    TeamId = table.Column<Guid>(type: "TEXT", nullable: false),
                    RoleName = table.Column<string>(type: "TEXT", nullable: false),
                    Principals = table.Column<string>(type: "TEXT", nullable: false),
                    MaxDurationSeconds = table.Column<int>(type: "INTEGER", nullable: false),
                    RequiresApproval = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SshGrants", x => x.Id);
                    table.ForeignKey(
                        name: "FK_SshGrants_SshRoles_RoleName",
                        column: x => x.RoleName,
                        principalTable: "SshRoles",
                        principalColumn: "Name",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_SshGrants_Teams_TeamId",
                        column: x => x.TeamId,
                        principalTable: "Teams",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Credentials_Kind_State_ExpiresAt",
                table: "Credentials",
                columns: new[] { "Kind", "State", "ExpiresAt" });

            migrationBuilder.CreateIndex(
                name: "IX_RevokedSshKeys_Fingerprint",
                table: "RevokedSshKeys",
                column: "Fingerprint",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_SshCertificates_KeyFingerprint",
                table: "SshCertificates",
                column: "KeyFingerprint");

            migrationBuilder.CreateIndex(
                name: "IX_SshGrants_RoleName",
                table: "SshGrants",
                column: "RoleName");

            migrationBuilder.CreateIndex(
                name: "IX_SshGrants_TeamId_RoleName",
                table: "SshGrants",
                columns: new[] { "TeamId", "RoleName" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "RevokedSshKeys");

            migrationBuilder.DropTable(
                name: "SshAuthorities");

            migrationBuilder.DropTable(
                name: "SshCertificates");

            migrationBuilder.DropTable(
                name: "SshGrants");

            migrationBuilder.DropTable(
                name: "SshRevocationVersions");

            migrationBuilder.DropTable(
                name: "SshRoles");

            migrationBuilder.DropIndex(
                name: "IX_Credentials_Kind_State_ExpiresAt",
                table: "Credentials");
        }
    }
}
