namespace Portal.Outbound;

/// <summary>A call that came to no answer, or to one that the portal does not take. The message is a sentence for people that holds nothing of the call but its host.</summary>
public class OutboundException(string message) : HttpRequestException(message)
{
    /// <summary>The one within what a library made of it; null when there is none.</summary>
    public static OutboundException? Within(Exception? exception) => exception switch
    {
        null => null,
        OutboundException found => found,
        AggregateException several => several.InnerExceptions.Select(Within).FirstOrDefault(found => found is not null),
        _ => Within(exception.InnerException),
    };
}

/// <summary>The portal does not call that address.</summary>
public sealed class OutboundRefusedException(string host, string why)
    : OutboundException($"The portal does not call {host}: {why}. An operator can allow it by the setting {OutboundOptions.Section}:{nameof(OutboundOptions.Allow)}.");
