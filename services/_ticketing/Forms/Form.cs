using System.Text.Json;
using System.Text.RegularExpressions;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;
using MongoDB.Bson;

namespace Itsm.Ticketing.Forms;

/// <summary>The questions of a catalog item or a task: an object schema of JSON Schema 2020-12, in the subset that these two records state.
/// Keywords that are not here are refused when a form is saved.</summary>
public sealed partial record Form
{
    private const int MostQuestions = 100;
    private const int MostCharacters = 256_000;

    /// <summary>A form without questions.</summary>
    public static readonly Form Empty = new();

    /// <summary>Always <c>object</c>.</summary>
    public string Type { get; init; } = "object";

    /// <summary>The questions by key, in the order in which they are asked.</summary>
    public Dictionary<string, Question> Properties { get; init; } = [];

    /// <summary>Keys of questions that must be answered while they are visible.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <exception cref="InvalidValueException">It makes no sense; the pointer says where.</exception>
    public void Check(string pointer)
    {
        if (Type != "object" || Properties.Count > MostQuestions)
        {
            throw new InvalidValueException(pointer, Type == "object" ? FieldCode.TooMany : FieldCode.NotOneOf,
                $"A form is of type object, not {Type.Quoted}, and has at most {MostQuestions} questions, not {Properties.Count}.");
        }

        var earlier = new HashSet<string>();
        foreach (var (key, question) in Properties)
        {
            var at = $"{pointer}/properties/{FieldError.Escape(key)}";
            if (!Key().IsMatch(key))
            {
                throw new InvalidValueException(at, FieldCode.WrongFormat,
                    $"{key.Quoted} is no key of a question: a letter in lower case, then letters and digits, 60 at most.");
            }

            question.Check(at);
            foreach (var (index, condition) in question.VisibleWhen.Index())
            {
                // Earlier questions only: so there are no cycles.
                condition.Check($"{at}/visibleWhen/{index}", earlier);
            }

            earlier.Add(key);
        }

        if (Required.FirstOrDefault(key => !Properties.ContainsKey(key)) is { } unknown)
        {
            throw new InvalidValueException($"{pointer}/required", FieldCode.NotFound, $"There is no question {unknown.Quoted}.");
        }
    }

    /// <summary>The answers as they are stored, in the order of the form.</summary>
    /// <param name="given">By question.</param>
    /// <param name="fields">Gets the answers added, for conditions.</param>
    /// <param name="pointer">Where the answers stand in the request.</param>
    /// <param name="whole">False while they may still be incomplete, in a draft.</param>
    /// <returns>The answers, and an error for each question that is not answered as it must be.</returns>
    public (IReadOnlyList<Answer> Answers, IReadOnlyList<FieldError> Errors) Read(
        IReadOnlyDictionary<string, JsonElement> given, FieldValues fields, string pointer, bool whole = true)
    {
        List<FieldError> errors = [.. given.Keys.Where(key => !Properties.ContainsKey(key))
            .Select(key => new FieldError($"{pointer}/{FieldError.Escape(key)}", FieldCode.UnknownField,
                $"There is no question {key.Quoted}."))];
        var answers = new List<Answer>();
        if (given.Values.Sum(value => (long)value.GetRawText().Length) is var characters && characters > MostCharacters)
        {
            return ([], [new FieldError(pointer, FieldCode.TooLong,
                $"All answers together have at most {MostCharacters} characters, not {characters}.")]);
        }

        foreach (var (key, question) in Properties)
        {
            var visible = fields.Meet(question.VisibleWhen);
            var answered = given.TryGetValue(key, out var value) && value.ValueKind != JsonValueKind.Null && !IsBlank(value);
            var wrong = (visible, answered) switch
            {
                (false, true) => new AnswerFault(FieldCode.Conflicting, $"is not asked here"),
                (true, false) => whole && Required.Contains(key) ? new AnswerFault(FieldCode.Required, $"is required") : null,
                (true, true) => question.WhyNot(value),
                _ => null,
            };
            if (wrong is not null)
            {
                errors.Add(new FieldError($"{pointer}/{key}", wrong.Code, $"{key} {wrong.Why}."));
            }
            else if (answered)
            {
                var stored = AnyJson.ToBson(value);
                fields[key] = Answer.Texts(stored);
                answers.Add(new Answer(key, question.Title ?? key, stored, string.Join(", ", fields[key])));
            }
        }

        return (answers, errors);
    }

    /// <summary>True for a text that says nothing.</summary>
    public static bool IsBlank(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String && string.IsNullOrWhiteSpace(value.GetString());
        }
        catch (InvalidOperationException)
        {
            // No valid text: refused for that.
            return false;
        }
    }

    [GeneratedRegex(@"^[a-z][a-zA-Z0-9]{0,59}\z")]
    private static partial Regex Key();
}

/// <summary>An answer, stored for its question.</summary>
/// <param name="Question">Key of the question.</param>
/// <param name="Title">The question as people read it.</param>
/// <param name="Value">As it was given: text, number, true or false, or a list of texts.</param>
/// <param name="Text">The answer as people read it.</param>
public sealed record Answer(string Question, string Title, BsonValue Value, string Text)
{
    /// <summary>The values that conditions look at.</summary>
    public static IReadOnlyList<string> Texts(BsonValue value) => value switch
    {
        BsonArray several => [.. several.SelectMany(Texts)],
        BsonBoolean flag => [flag.Value ? "true" : "false"],
        BsonString text => [text.Value],
        _ => [Convert.ToString(BsonTypeMapper.MapToDotNetValue(value), System.Globalization.CultureInfo.InvariantCulture)!],
    };
}
