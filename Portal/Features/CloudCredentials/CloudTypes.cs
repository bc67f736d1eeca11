using System.Collections.Frozen;

namespace Portal.Features.CloudCredentials;

/// <summary>All types there are: each class of <see cref="CloudType"/> in the portal.</summary>
public sealed class CloudTypes
{
    private readonly FrozenDictionary<string, CloudType> _byName;

    public CloudTypes()
    {
        All = [.. typeof(CloudType).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(CloudType)) && !type.IsAbstract)
            .Select(type => (CloudType)Activator.CreateInstance(type)!)
            .OrderBy(type => type.Title, StringComparer.OrdinalIgnoreCase)];
        _byName = All.ToFrozenDictionary(type => type.Name, StringComparer.Ordinal);
    }

    /// <summary>By title.</summary>
    public IReadOnlyList<CloudType> All { get; }

    /// <summary>Null when there is no such type.</summary>
    public CloudType? Find(string name) => _byName.GetValueOrDefault(name);
}
