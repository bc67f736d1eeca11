using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Portal.Shell;

/// <summary>One page of a list.</summary>
/// <param name="Next">Goes into <c>cursor</c> for the next page; null on the last one.</param>
public sealed record ApiList<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Where a page of a list ends that is ordered by time, latest first, then by id. Opaque to clients.</summary>
public readonly record struct Cursor(DateTimeOffset At, Guid Id)
{
    public const int SmallestPage = 1;
    public const int UsualPage = 50;
    public const int LargestPage = 200;

    public const string Meaning = "Where to go on: `next` of the page before. Left out, the first page.";
    public const string LimitMeaning = "How many at most.";

    private const int Length = 24;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, At.UtcTicks);
        Id.TryWriteBytes(bytes[8..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Whether it comes later in such a list than the other.</summary>
    public bool IsBehind(Cursor other) => At < other.At || (At == other.At && Id.CompareTo(other.Id) < 0);

    public static bool TryParse(string? text, [NotNullWhen(true)] out Cursor? cursor)
    {
        Span<byte> bytes = stackalloc byte[Length];
        cursor = text?.Length == Base64Url.GetEncodedLength(Length) && Base64Url.TryDecodeFromChars(text, bytes, out var length) && length == Length
            && BinaryPrimitives.ReadInt64BigEndian(bytes) is var ticks && ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks
                ? new Cursor(new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[8..], bigEndian: true))
                : null;
        return cursor is not null;
    }
}

/// <summary>Which page of a list is wanted, from the query of a call.</summary>
/// <param name="After">Null for the first page.</param>
public sealed record PageWish(Cursor? After, int Limit)
{
    /// <param name="errors">Gets what is wrong, by parameter.</param>
    public static PageWish Read(string? cursor, int? limit, Dictionary<string, string> errors)
    {
        Cursor? after = null;
        if (cursor is not null && !Cursor.TryParse(cursor, out after))
            errors["cursor"] = "The cursor is the text that stood in next of the page before; leave it out for the first page.";
        if (limit is < Cursor.SmallestPage or > Cursor.LargestPage)
            errors["limit"] = $"The limit is a number from {Cursor.SmallestPage} to {Cursor.LargestPage}; without one a page has {Cursor.UsualPage}.";
        return new(after, limit ?? Cursor.UsualPage);
    }

    /// <summary>Makes the page out of one item more than the limit.</summary>
    public ApiList<TAnswer> Page<T, TAnswer>(IReadOnlyList<T> oneMore, Func<T, TAnswer> answer, Func<T, Cursor> cursorOf) => new(
        [.. oneMore.Take(Limit).Select(answer)],
        oneMore.Count > Limit ? cursorOf(oneMore[Limit - 1]).ToString() : null);
}
