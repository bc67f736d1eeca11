using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Tests.Sandbox;

/// <summary>What a real Vault answered, step by step. <c>Transcripts/README.md</c> tells the form.</summary>
public sealed record Transcript(string Scenario, IReadOnlyList<TranscriptStep> Steps)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Transcript Load(string scenario)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Sandbox", "Transcripts", $"{scenario}.json");
        return JsonSerializer.Deserialize<Transcript>(File.ReadAllText(file), s_json)!;
    }
}

public sealed record TranscriptStep(string Name, TranscriptRequest Request, TranscriptResponse Response, Dictionary<string, string>? Capture);

public sealed record TranscriptRequest(
    string Method, string Path, string? Token, Dictionary<string, string>? Headers, JsonNode? Body, string? Raw, double? WaitSeconds);

/// <summary>Neither body nor text: an empty answer.</summary>
public sealed record TranscriptResponse(int Status, JsonNode? Body, string? Text, string? ContentType);
