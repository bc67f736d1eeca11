using System.Reflection;

namespace Portal.Tests.Sandbox;

/// <summary>
/// What an object still holds on to, through fields of any kind. Unlike the size of the heap it does not depend on what else runs:
/// the framework's web server, timers and tasks, which lead to everything, are not looked into.
/// </summary>
public static class Reachable
{
    /// <param name="typeName">of the objects to be counted, without its namespace</param>
    public static int Count(object root, string typeName)
    {
        var (seen, waiting, count) = (new HashSet<object>(ReferenceEqualityComparer.Instance), new Stack<object>([root]), 0);
        while (waiting.TryPop(out var next))
        {
            if (next is string or Type or MemberInfo or Pointer || IsForeign(next.GetType()) || !seen.Add(next))
                continue;
            if (next.GetType().Name == typeName)
                count++;
            foreach (var held in next is Array array ? Items(array) : Fields(next))
                waiting.Push(held);
        }

        return count;
    }

    private static bool IsForeign(Type type) =>
        type.Namespace is { } name && (name.StartsWith("Microsoft.", StringComparison.Ordinal) || name.StartsWith("System.Threading", StringComparison.Ordinal));

    private static IEnumerable<object> Items(Array array) => array.GetType().GetElementType()!.IsPrimitive ? [] : array.Cast<object?>().OfType<object>();

    private static IEnumerable<object> Fields(object holder)
    {
        for (var type = holder.GetType(); type is not null; type = type.BaseType)
        {
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (!field.FieldType.IsPrimitive && !field.FieldType.IsPointer && field.GetValue(holder) is { } value)
                    yield return value;
            }
        }
    }
}
