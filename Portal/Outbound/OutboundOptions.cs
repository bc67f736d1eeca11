using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace Portal.Outbound;

public sealed class OutboundOptions
{
    public const string Section = "Outbound";

    /// <summary>Networks, with a port or without, that addresses of users may lead to although they are not on the public internet: see <see cref="AllowedNetwork"/>.</summary>
    public string[] Allow { get; set; } = [];

    /// <summary>PEM file with certificate authorities that are believed besides the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>Says every mistake, each with its key.</summary>
    internal sealed class Validator : IValidateOptions<OutboundOptions>
    {
        public ValidateOptionsResult Validate(string? name, OutboundOptions options)
        {
            string[] mistakes = [.. Mistakes(options)];
            return mistakes.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }

        private static IEnumerable<string> Mistakes(OutboundOptions options)
        {
            for (var i = 0; i < options.Allow.Length; i++)
            {
                if (AllowedNetwork.Parse(options.Allow[i]) is null)
                    yield return $"Outbound:Allow:{i} is {options.Allow[i]}: expected a network such as 10.20.0.0/16, or one with a port such as 127.0.0.1/32:8443.";
            }

            if (options.CaFile is not null && CaMistake(options.CaFile) is { } mistake)
                yield return $"Outbound:CaFile {mistake}";
        }

        private static string? CaMistake(string file)
        {
            try
            {
                X509Certificate2Collection certificates = [];
                certificates.ImportFromPemFile(file);
                return certificates.Count > 0 ? null : $"{file} holds no certificate: expected PEM.";
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return $"{file} cannot be read.";
            }
            catch (CryptographicException)
            {
                return $"{file} holds a certificate that cannot be read: expected PEM.";
            }
        }
    }
}
