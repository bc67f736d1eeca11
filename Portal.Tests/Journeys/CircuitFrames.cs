using System.Text;
using Microsoft.Playwright;

namespace Portal.Tests.Journeys;

/// <summary>Everything that goes over a page's circuit, both ways. Made before the page is opened.</summary>
public sealed class CircuitFrames
{
    private readonly StringBuilder _frames = new();

    public CircuitFrames(IPage page) => page.WebSocket += (_, socket) =>
    {
        socket.FrameSent += (_, frame) => Keep(frame);
        socket.FrameReceived += (_, frame) => Keep(frame);
    };

    public string Text
    {
        get
        {
            lock (_frames)
                return _frames.ToString();
        }
    }

    private void Keep(IWebSocketFrame frame)
    {
        lock (_frames)
            _frames.Append(frame.Text ?? Encoding.Latin1.GetString(frame.Binary ?? []));
    }
}
