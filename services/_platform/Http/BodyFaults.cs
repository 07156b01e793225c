using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Itsm.Platform.Values;

namespace Itsm.Platform.Http;

/// <summary>Names all that keeps a JSON body from being read as a type: runs after the serializer, which stops at the first, refused
/// it.</summary>
internal sealed class BodyFaults(JsonSerializerOptions options)
{
    private const int Most = 100;

    /// <summary>What is text in JSON, but not any text.</summary>
    private static readonly Type[] Formatted = [typeof(string), typeof(Guid), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly),
        typeof(TimeOnly)];

    private readonly List<FieldError> _faults = [];

    /// <returns>At least one, about 100 at most.</returns>
    public static IReadOnlyList<FieldError> Find(ReadOnlyMemory<byte> body, Type type, JsonSerializerOptions options)
    {
        if (body.IsEmpty)
        {
            return [new("", FieldCode.Required, $"A JSON body is required.")];
        }

        var faults = new BodyFaults(options);
        try
        {
            using var document = JsonDocument.Parse(body);
            faults.Check(document.RootElement, type, "");
        }
        catch (JsonException e)
        {
            var (line, at) = (e.LineNumber, e.BytePositionInLine);
            return [new("", FieldCode.WrongFormat,
                $"The body is not well-formed JSON: line {line + 1}, byte {at + 1}.")];
        }
        catch (InvalidOperationException)
        {
            return [new("", FieldCode.WrongFormat, $"The body is not well-formed JSON: a name in it is no text.")];
        }

        return faults._faults is [] ? [new("", FieldCode.WrongFormat, $"The body can't be read.")] : faults._faults;
    }

    private void Check(JsonElement value, Type type, string pointer)
    {
        if (_faults.Count >= Most)
        {
            return;
        }

        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsAssignableTo(typeof(IOptional)))
        {
            Check(value, type.GetGenericArguments()[0], pointer);
            return;
        }

        var info = options.GetTypeInfo(type);
        switch (info.Kind, value.ValueKind)
        {
            case (JsonTypeInfoKind.Object, JsonValueKind.Object):
                CheckMembers(value, info, pointer);
                break;
            case (JsonTypeInfoKind.Enumerable, JsonValueKind.Array):
                foreach (var (index, item) in value.EnumerateArray().Index())
                {
                    Check(item, info.ElementType!, $"{pointer}/{index}");
                }

                break;
            case (JsonTypeInfoKind.Dictionary, JsonValueKind.Object):
                foreach (var member in Once(value, StringComparer.Ordinal, pointer))
                {
                    Check(member.Value, info.ElementType!, At(pointer, member.Name));
                }

                break;
            case var (kind, _) when kind != JsonTypeInfoKind.None || !CanRead(value, info):
                _faults.Add(value.ValueKind == JsonValueKind.Null
                    ? new(pointer, FieldCode.Required, $"{NameAt(pointer)} can't be null.")
                    : new(pointer, CodeOf(value, type), $"{NameAt(pointer)} must be {Expected(type)}, not {value.QuotedJson()}."));
                break;
        }
    }

    private void CheckMembers(JsonElement value, JsonTypeInfo info, string pointer)
    {
        var names = options.PropertyNameCaseInsensitive ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
        var known = info.Properties.ToDictionary(property => property.Name, names);
        foreach (var member in Once(value, names, pointer))
        {
            if (!known.Remove(member.Name, out var property))
            {
                _faults.Add(new(At(pointer, member.Name), FieldCode.UnknownField, $"There is no field {member.Name.Quoted} here."));
            }
            else if (member.Value.ValueKind != JsonValueKind.Null)
            {
                Check(member.Value, property.PropertyType, At(pointer, member.Name));
            }
            else if (!property.IsSetNullable && !property.PropertyType.IsAssignableTo(typeof(IOptional)))
            {
                _faults.Add(new(At(pointer, member.Name), FieldCode.Required, $"{member.Name} can't be null."));
            }
        }

        foreach (var missing in known.Values.Where(property => property.IsRequired
            || (options.RespectRequiredConstructorParameters && property.AssociatedParameter is { HasDefaultValue: false })))
        {
            _faults.Add(new(At(pointer, missing.Name), FieldCode.Required, $"{missing.Name} is required."));
        }
    }

    /// <summary>The members of an object, each name once; what comes again is a fault.</summary>
    private List<JsonProperty> Once(JsonElement value, StringComparer names, string pointer)
    {
        var members = new List<JsonProperty>();
        var seen = new HashSet<string>(names);
        foreach (var member in value.EnumerateObject())
        {
            if (seen.Add(member.Name))
            {
                members.Add(member);
            }
            else if (_faults.Count < Most)
            {
                _faults.Add(new(At(pointer, member.Name), FieldCode.Repeated, $"{member.Name.Quoted} is given twice."));
            }
        }

        return members;
    }

    private static bool CanRead(JsonElement value, JsonTypeInfo info)
    {
        try
        {
            value.Deserialize(info);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    private static FieldCode CodeOf(JsonElement value, Type type) => value.ValueKind switch
    {
        JsonValueKind.String when type.IsEnum => FieldCode.NotOneOf,
        JsonValueKind.String when Formatted.Contains(type) => FieldCode.WrongFormat,
        JsonValueKind.Number when (type == typeof(int) || type == typeof(long)) && value.GetDouble() is var number
            && Math.Floor(number) == number => FieldCode.OutOfRange,
        _ => FieldCode.WrongType,
    };

    private static object Expected(Type type) =>
        type.IsEnum ? OneOf(type)
        : type == typeof(string) ? "text".AsWord
        : type == typeof(bool) ? "true or false".AsWord
        : type == typeof(int) || type == typeof(long) ? "a whole number".AsWord
        : type == typeof(double) || type == typeof(decimal) ? "a number".AsWord
        : type == typeof(Guid) ? "a UUID".AsWord
        : type == typeof(DateTimeOffset) ? "an instant such as 2026-01-31T08:00:00Z, with its offset".AsWord
        : type == typeof(TimeSpan) ? "an ISO 8601 duration such as PT30M".AsWord
        : type == typeof(DateOnly) ? "a day such as 2026-01-31".AsWord
        : type == typeof(TimeOnly) ? "a time of day such as 08:00".AsWord
        : type.IsAssignableTo(typeof(IDictionary)) || !type.IsAssignableTo(typeof(IEnumerable)) ? "an object".AsWord
        : "a list".AsWord;

    private static Sentence OneOf(Type type)
    {
        var words = Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName);
        return $"one of {words.Listed}";
    }

    private static string At(string pointer, string name) => $"{pointer}/{FieldError.Escape(name)}";

    private static Sentence NameAt(string pointer) =>
        pointer.Length == 0 ? $"The body" : Sentence.Verbatim(pointer[(pointer.LastIndexOf('/') + 1)..]);
}
