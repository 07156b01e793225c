using System.Text.Json;
using Itsm.Platform.Access;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Http;

/// <summary>The member <c>expanded</c> of the items of a list: who the ids in some of their fields stand for. The ids themselves stay as
/// they are.</summary>
internal sealed class Expansion
{
    /// <summary>The member's name.</summary>
    public const string Member = "expanded";

    private readonly HashSet<string> _fields;
    private readonly Dictionary<Guid, PersonOrGroup> _known = [];

    private Expansion(IEnumerable<string> fields) => _fields = [.. fields];

    /// <summary>Looks up everybody whom these fields of the items name.</summary>
    public static async Task<Expansion> FindAsync(
        IEnumerable<StoredDocument> items, IReadOnlyList<string> fields, People people, CancellationToken ct)
    {
        var expansion = new Expansion(fields);
        foreach (var id in items.SelectMany(item => fields.SelectMany(field => RawBson.Values(item.Body.Span, field)))
            .Select(value => value.AsGuid).Distinct())
        {
            if (await PersonOrGroup.FindAsync(id, people, ct) is { } known)
            {
                expansion._known[id] = known;
            }
        }

        return expansion;
    }

    /// <summary>Writes the member; who is not known here is left out.</summary>
    /// <param name="writer">Stands inside the item.</param>
    /// <param name="bson">The item.</param>
    public void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> bson)
    {
        writer.WriteStartObject(Member);
        foreach (var element in new RawBson(bson))
        {
            if (!_fields.Contains(Representation.Names.Of(element.Name)))
            {
                continue;
            }

            if (element.Type == BsonType.Array)
            {
                writer.WriteStartArray(element.Name);
                foreach (var item in new RawBson(element.Value))
                {
                    if (_known.TryGetValue(item.Guid, out var one))
                    {
                        Write(writer, one);
                    }
                }

                writer.WriteEndArray();
            }
            else if (element.IsGuid && _known.TryGetValue(element.Guid, out var one))
            {
                writer.WritePropertyName(element.Name);
                Write(writer, one);
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>The names of those whom the id, or the ids, in a field stand for.</summary>
    public IReadOnlyList<string> NamesIn(RawElement field)
    {
        var names = new List<string>();
        if (field.Type == BsonType.Array)
        {
            foreach (var item in new RawBson(field.Value))
            {
                names.AddRange(NamesIn(item));
            }
        }
        else if (field.IsGuid && _known.TryGetValue(field.Guid, out var one))
        {
            names.Add(one.Name);
        }

        return names;
    }

    private static void Write(Utf8JsonWriter writer, PersonOrGroup known)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, known.Id);
        writer.WriteString(known.UserName is null ? "key"u8 : "userName"u8, known.UserName ?? known.Key);
        writer.WriteString("name"u8, known.Name);
        writer.WriteEndObject();
    }
}

/// <summary>Who an id stands for: a person, who has a user name, or a group, which has a key.</summary>
/// <param name="Id">As in the field.</param>
/// <param name="UserName">Of a person.</param>
/// <param name="Key">Of a group.</param>
/// <param name="Name">As people read it.</param>
public sealed record PersonOrGroup(Guid Id, string? UserName, string? Key, string Name)
{
    /// <summary>Who this id stands for; null where that is not known here.</summary>
    public static async ValueTask<PersonOrGroup?> FindAsync(Guid id, People people, CancellationToken ct) =>
        await people.FindPersonAsync(id, ct) is { } person ? new PersonOrGroup(id, person.UserName, null, person.Name)
        : await people.FindGroupAsync(id, ct) is { } group ? new PersonOrGroup(id, null, group.Key, group.Name) : null;
}
