using System.Text.Json;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Itsm.Requests.Domain;
using Itsm.Ticketing;
using Itsm.Ticketing.Forms;

namespace Itsm.Requests.Ordering;

/// <summary>Reads what is answered to a form, and looks up who is named in it.</summary>
internal sealed class AnswerReader(People people)
{
    /// <summary>The answers as they are stored: people and groups by id, and by name as people read them.</summary>
    /// <exception cref="HttpProblemException">400 with an error for each question that is not answered as it must be.</exception>
    public async ValueTask<(IReadOnlyList<Answer> Answers, FieldValues Fields)> ReadAsync(
        Form form, IReadOnlyDictionary<string, JsonElement> given, ItemKind kind, bool whole, CancellationToken ct)
    {
        var (fields, resolved, names, unknown) = (new FieldValues(), given.ToDictionary(), new Dictionary<string, string>(),
            new Dictionary<string, FieldError>());
        foreach (var (key, question) in form.Properties.Where(one => one.Value.Format is "person" or "group"))
        {
            // What is no text at all is refused with the other answers.
            if (!given.TryGetValue(key, out var value) || question.WhyNot(value) is not null || Form.IsBlank(value))
            {
                continue;
            }

            try
            {
                // A leaver may be deactivated already; what they hold must come back all the same.
                var (id, name) = await ResolveAsync(question.Format!, value.GetString()!, $"/answers/{key}",
                    orGone: kind == ItemKind.Offboarding && key == "person", ct);
                (resolved[key], names[key]) = (JsonSerializer.SerializeToElement(id.ToString()), name);
            }
            catch (InvalidValueException e)
            {
                unknown[key] = new FieldError(e.Pointer, e.Code, e.Why);
            }
        }

        var (read, wrong) = form.Read(resolved, fields, "/answers", whole);
        List<FieldError> errors = [.. wrong,
            .. read.Where(answer => unknown.ContainsKey(answer.Question)).Select(answer => unknown[answer.Question])];
        return errors.Count > 0 ? throw HttpProblemException.Invalid(errors)
            : ([.. read.Select(answer => names.TryGetValue(answer.Question, out var name) ? answer with { Text = name } : answer)], fields);
    }

    private async ValueTask<(Guid Id, string Name)> ResolveAsync(
        string format, string text, string pointer, bool orGone, CancellationToken ct)
    {
        if (format == "group")
        {
            var group = await people.RequireGroupAsync(text, pointer, ct);
            return (group.Id, group.Name);
        }

        var person = (orGone ? await people.FindPersonAsync(text, ct) : null) ?? await people.RequirePersonAsync(text, pointer, ct);
        return (person.Id, person.Name);
    }
}
