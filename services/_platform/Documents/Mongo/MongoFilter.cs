using MongoDB.Bson;

namespace Itsm.Platform.Documents.Mongo;

/// <summary>Conditions, positions and groups in MongoDB's query language.</summary>
internal static class MongoFilter
{
    public static BsonDocument Of(IEnumerable<Condition> where)
    {
        var all = new BsonArray(where.Select(Of));
        return all.Count == 0 ? [] : new BsonDocument("$and", all);
    }

    /// <summary>What stands after this place. Missing values sort first, and no comparison but that with null finds them.</summary>
    public static BsonDocument After(string sort, bool descending, DocumentPosition after)
    {
        var id = new BsonDocument(descending ? "$lt" : "$gt", new BsonBinaryData(after.Id, GuidRepresentation.Standard));
        var ties = new BsonDocument { [sort] = after.Value, ["_id"] = id };
        return (descending, after.Value.IsBsonNull) switch
        {
            (true, true) => ties,
            (true, false) => Or(ties, new BsonDocument(sort, new BsonDocument("$lt", after.Value)), new BsonDocument(sort, BsonNull.Value)),
            (false, true) => Or(ties, new BsonDocument(sort, new BsonDocument("$ne", BsonNull.Value))),
            (false, false) => Or(ties, new BsonDocument(sort, new BsonDocument("$gt", after.Value))),
        };
    }

    /// <summary>What stands after this id.</summary>
    public static BsonDocument AfterId(bool descending, Guid id) =>
        new("_id", new BsonDocument(descending ? "$lt" : "$gt", new BsonBinaryData(id, GuidRepresentation.Standard)));

    /// <summary>Counts each document once under each of its values of the fields.</summary>
    public static IEnumerable<BsonDocument> Group(IEnumerable<Condition> where, IReadOnlyList<string> fields)
    {
        var names = fields.Select((_, number) => $"v{number}").ToList();
        yield return new("$match", Of(where));
        yield return new("$project", new BsonDocument(names.Zip(fields, (name, field) => new BsonElement(name,
            new BsonDocument("$cond", new BsonArray
            {
                new BsonDocument("$isArray", "$" + field), new BsonDocument("$setUnion", new BsonArray { "$" + field, new BsonArray() }),
                "$" + field,
            })))));
        foreach (var name in names)
        {
            yield return new("$unwind", new BsonDocument { ["path"] = "$" + name, ["preserveNullAndEmptyArrays"] = true });
        }

        yield return new("$group", new BsonDocument
        {
            ["_id"] = new BsonDocument(names.Select(name => new BsonElement(name,
                new BsonDocument("$ifNull", new BsonArray { "$" + name, BsonNull.Value })))),
            ["count"] = new BsonDocument("$sum", 1),
        });
    }

    private static BsonDocument Of(Condition condition)
    {
        if (condition is InCondition { Values: var values })
        {
            return new BsonDocument(condition.Field, values.Count == 1 ? values[0] : new BsonDocument("$in", new BsonArray(values)));
        }

        var range = (RangeCondition)condition;
        var bounds = new BsonDocument();
        if (range.From is { IsBsonNull: false } from)
        {
            bounds[range.FromIncluded ? "$gte" : "$gt"] = from;
        }

        if (range.To is { IsBsonNull: false } to)
        {
            bounds[range.ToIncluded ? "$lte" : "$lt"] = to;
        }

        return new BsonDocument(range.Field, bounds.ElementCount > 0 ? bounds : new BsonDocument("$ne", BsonNull.Value));
    }

    private static BsonDocument Or(params BsonDocument[] branches) => new("$or", new BsonArray(branches));
}
