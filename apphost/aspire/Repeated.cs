namespace Itsm.AppHost.Aspire;

/// <summary>Settings that come in numbers.</summary>
internal static class Repeated
{
    /// <summary>Applies a step once for each item.</summary>
    public static IResourceBuilder<T> WithEach<T, TItem>(
        this IResourceBuilder<T> resource, IEnumerable<TItem> items, Func<IResourceBuilder<T>, TItem, IResourceBuilder<T>> step)
        where T : IResource => items.Aggregate(resource, step);
}
