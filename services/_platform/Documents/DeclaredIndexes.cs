namespace Itsm.Platform.Documents;

/// <summary>Which declared index answers a query: the same choice, and the same refusals, whatever the engine.</summary>
internal static class DeclaredIndexes
{
    /// <returns>The index; null where all that is asked for stands at one place of the order, so that ids alone make it.</returns>
    /// <exception cref="UndeclaredIndexException">No index ends in the query's order with its other fields met by conditions or domains,
    /// or a condition names a field that no index has.</exception>
    public static IndexDefinition? For(CollectionDefinition collection, DocumentQuery query)
    {
        RequireDeclared(collection, query.Where);
        return collection.Indexes.Where(index => index.Fields[^1] == query.Sort && query.Where.Count > 0 && IsUsable(index, query.Where)
                && index.Fields.SkipLast(1).All(field => HasValues(index, field, query.Where)))
            .OrderBy(index => query.Where.Count(condition => !index.Fields.Contains(condition.Field)))
            .ThenByDescending(index => index.Fields.Count).FirstOrDefault()
            ?? (IsByIds(collection, query) ? null : throw new UndeclaredIndexException(
                $"{collection.Name}: no index ends with {query.Sort} and begins with "
                + $"{string.Join(", ", query.Where.Select(condition => condition.Field).Distinct())}."));
    }

    /// <summary>True where all that is asked for has one value in the order, which an index leaves out.</summary>
    public static bool IsByIds(CollectionDefinition collection, DocumentQuery query) =>
        query.Where.Any(condition => condition is InCondition { Values.Count: 1 } && condition.Field == query.Sort)
            && collection.Indexes.Any(index => index.Fields is [var only] && only == query.Sort);

    /// <exception cref="UndeclaredIndexException">No index begins with the field of a condition, or a condition names a field that no index
    /// has.</exception>
    public static void RequireForCount(CollectionDefinition collection, IReadOnlyList<Condition> where)
    {
        RequireDeclared(collection, where);
        if (where.Count > 0 && !collection.Indexes.Any(index => IsUsable(index, where) && Narrows(index, where)))
        {
            throw new UndeclaredIndexException($"{collection.Name}: no index begins with "
                + $"{string.Join(" or ", where.Select(condition => condition.Field))}.");
        }
    }

    /// <exception cref="InvalidOperationException">The collection declares no annex.</exception>
    public static void RequireAnnex(CollectionDefinition collection)
    {
        if (collection.Annex is null)
        {
            throw new InvalidOperationException($"{collection.Name} declares no annex.");
        }
    }

    private static void RequireDeclared(CollectionDefinition collection, IReadOnlyList<Condition> where)
    {
        if (where.FirstOrDefault(condition => !collection.Tested.Contains(condition.Field)
            && !collection.Indexes.Any(index => index.Fields.Contains(condition.Field))) is { } undeclared)
        {
            throw new UndeclaredIndexException($"{collection.Name}: no index has the field {undeclared.Field}.");
        }
    }

    /// <summary>An index that leaves documents out can't answer for those.</summary>
    private static bool IsUsable(IndexDefinition index, IReadOnlyList<Condition> where) =>
        (index.Only is not { } only || where.Any(condition => condition.Field == index.Fields[0]
            && condition is InCondition { Values: [var one] } && one == only))
        && index.Needed.All(field => where.Any(condition => condition.Field == field
            && (condition is not InCondition some || !some.Values.Any(value => value.IsBsonNull))));

    private static bool HasValues(IndexDefinition index, string field, IReadOnlyList<Condition> where) =>
        index.Domains.ContainsKey(field) || where.Any(condition => condition is InCondition && condition.Field == field);

    private static bool Narrows(IndexDefinition index, IReadOnlyList<Condition> where)
    {
        foreach (var field in index.Fields)
        {
            if (where.Any(condition => condition.Field == field))
            {
                return true;
            }

            if (!index.Domains.ContainsKey(field))
            {
                return false;
            }
        }

        return false;
    }
}
