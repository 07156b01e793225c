using System.Text;
using System.Text.Json;
using Itsm.Platform.Access;
using Itsm.Platform.Documents;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MongoDB.Bson;

namespace Itsm.Platform.Http;

/// <summary>The member <c>expanded</c> of a thing: who or what the ids, or texts, in some of its fields stand for. They themselves stay as
/// they are.</summary>
internal sealed class Expansion
{
    /// <summary>The member's name.</summary>
    public const string Member = "expanded";

    private readonly Dictionary<(string Field, Guid Id), object> _known = [];
    private readonly Dictionary<(string Field, string Name), object> _named = [];
    private readonly HashSet<string> _fields;
    private readonly JsonSerializerOptions _json;

    private Expansion(IEnumerable<string> fields, JsonSerializerOptions json) => (_fields, _json) = ([.. fields], json);

    /// <summary>Looks up what these fields of the items name.</summary>
    public static async Task<Expansion> FindAsync(IReadOnlyList<StoredDocument> items, IReadOnlyList<string> fields,
        ListDefinition definition, HttpContext context, CancellationToken ct)
    {
        var (services, caller) = (context.RequestServices, Caller.Of(context));
        var people = services.GetRequiredService<People>();
        var expansion = new Expansion(fields, services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions);
        foreach (var field in expansion._fields)
        {
            var expander = definition.Expanders.FirstOrDefault(one => one.Field == field);
            var values = items.SelectMany(item => RawBson.Values(item.Body.Span, field)).Distinct().ToList();
            var found = await Task.WhenAll(values.Select(async value =>
                expander is null ? await PersonOrGroup.FindAsync(value.AsGuid, people, ct)
                : await expander.FindAsync(value, caller, services, ct)));
            foreach (var (value, known) in values.Zip(found).Where(one => one.Second is not null))
            {
                _ = value.IsString ? expansion._named[(field, value.AsString)] = known! : expansion._known[(field, value.AsGuid)] = known!;
            }
        }

        return expansion;
    }

    /// <summary>Writes the member's value; what is not known here, or the caller may not see, is left out.</summary>
    /// <param name="writer">Stands where a value goes.</param>
    /// <param name="bson">The item.</param>
    public void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> bson)
    {
        writer.WriteStartObject();
        foreach (var element in new RawBson(bson))
        {
            var field = Representation.Names.Of(element.Name);
            if (!_fields.Contains(field))
            {
                continue;
            }

            if (element.Type == BsonType.Array)
            {
                writer.WriteStartArray(element.Name);
                foreach (var item in new RawBson(element.Value))
                {
                    if (KnownOf(field, item) is { } one)
                    {
                        Write(writer, one);
                    }
                }

                writer.WriteEndArray();
            }
            else if (KnownOf(field, element) is { } one)
            {
                writer.WritePropertyName(element.Name);
                Write(writer, one);
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>What people call those that the id, or the ids, in a field stand for.</summary>
    public IReadOnlyList<string> NamesIn(RawElement element)
    {
        var (field, names) = (Representation.Names.Of(element.Name), new List<string>());
        if (element.Type == BsonType.Array)
        {
            foreach (var item in new RawBson(element.Value))
            {
                Add(item);
            }
        }
        else
        {
            Add(element);
        }

        return names;

        void Add(RawElement id)
        {
            if (KnownOf(field, id) is INamed { Name: var name })
            {
                names.Add(name);
            }
        }
    }

    private object? KnownOf(string field, RawElement element) => element.IsGuid ? _known.GetValueOrDefault((field, element.Guid))
        : element.Type == BsonType.String ? _named.GetValueOrDefault((field, Encoding.UTF8.GetString(element.Utf8)))
        : null;

    private void Write(Utf8JsonWriter writer, object known)
    {
        if (known is PersonOrGroup one)
        {
            Write(writer, one);
        }
        else
        {
            JsonSerializer.Serialize(writer, known, known.GetType(), _json);
        }
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

/// <summary>What an id stands for, where people have a word for it.</summary>
public interface INamed
{
    /// <summary>As people read it.</summary>
    string Name { get; }
}

/// <summary>Who an id stands for: a person, who has a user name, or a group, which has a key.</summary>
/// <param name="Id">As in the field.</param>
/// <param name="UserName">Of a person.</param>
/// <param name="Key">Of a group.</param>
/// <param name="Name">As people read it.</param>
public sealed record PersonOrGroup(Guid Id, string? UserName, string? Key, string Name) : INamed
{
    /// <summary>Who this id stands for; null where that is not known here.</summary>
    public static async ValueTask<PersonOrGroup?> FindAsync(Guid id, People people, CancellationToken ct) =>
        await people.FindPersonAsync(id, ct) is { } person ? new PersonOrGroup(id, person.UserName, null, person.Name)
        : await people.FindGroupAsync(id, ct) is { } group ? new PersonOrGroup(id, null, group.Key, group.Name) : null;
}
