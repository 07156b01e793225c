using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;
using Itsm.Platform.Webhooks;
using Itsm.Requests.Domain;
using Itsm.Ticketing;
using Itsm.Ticketing.Forms;

namespace Itsm.Requests.Ordering;

/// <summary>Whether what an administrator wrote of an item makes sense: by itself, and with the directory, the catalog and the
/// settings.</summary>
internal sealed partial class ItemCheck(
    AggregateStore<CatalogItem> items, AggregateStore<Category<ServiceRequest>> categories, People people, WebhookClient webhooks)
{
    private const int MostDays = 366;
    private const int LongestRole = 300;
    private const int MostBytes = 256 * 1024;
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(3_653);

    /// <returns>What the names in it stand for.</returns>
    /// <exception cref="InvalidValueException">Something makes no sense; the pointer says where.</exception>
    public async ValueTask<ItemLinks> RequireAsync(ItemContent content, string key, string pointer, CancellationToken ct)
    {
        if (BsonMapping.ToBytes(content).Length > MostBytes)
        {
            throw new InvalidValueException(pointer, FieldCode.TooLong, $"That is too much: an item has at most {MostBytes / 1024} kB.");
        }

        Amounts(content, pointer);
        content.Form.Check($"{pointer}/form");
        RequireQuestions(content, pointer);
        var fields = content.Form.Properties.Keys.Concat(RequestFields.Names).ToHashSet();
        content.Approval.Check($"{pointer}/approval", fields,
            content.Form.Properties.Where(one => one.Value.Format == "person").Select(one => one.Key).ToHashSet());
        CheckPlan(content, pointer, fields);
        CheckAccess(content, pointer);

        var category = (await categories.RequireCategoryAsync(content.Category, $"{pointer}/category", ct))?.Id;
        var group = await people.RequireGroupIdAsync(content.AssignmentGroup, $"{pointer}/assignmentGroup", ct);
        var owner = await people.RequirePersonIdAsync(content.Owner, $"{pointer}/owner", ct);
        await people.RequirePersonIdAsync(content.DataOwner, $"{pointer}/dataOwner", ct);
        var tokens = new List<string>();
        foreach (var (index, audience) in content.Audience.Index())
        {
            if (audience.Group is null == audience.Role is null)
            {
                throw new InvalidValueException($"{pointer}/audience/{index}", FieldCode.NotOneOf, $"An audience is a group or a role.");
            }

            tokens.Add(audience.Role is { } role
                ? ReaderToken.Role(await people.RequireRoleAsync(role, $"{pointer}/audience/{index}/role", ct))
                : ReaderToken.Group((await people.RequireGroupAsync(audience.Group!, $"{pointer}/audience/{index}/group", ct)).Id));
        }

        foreach (var (number, stage) in content.Approval.Stages.Index())
        {
            foreach (var (list, index, approver) in stage.Approvers.Index().Select(one => ("approvers", one.Index, one.Item))
                .Concat(stage.Fallback.Index().Select(one => ("fallback", one.Index, one.Item))))
            {
                var at = $"{pointer}/approval/stages/{number}/{list}/{index}/of";
                switch (approver.Kind)
                {
                    case Ticketing.Approvals.ApproverKind.Owner when content.Owner is null:
                    case Ticketing.Approvals.ApproverKind.DataOwner when content.Owner is null && content.DataOwner is null:
                        throw new InvalidValueException(at[..^3], FieldCode.NotFound, $"The item has no such owner.");
                    case Ticketing.Approvals.ApproverKind.Person:
                        await people.RequirePersonAsync(approver.Of!, at, ct);
                        break;
                    case Ticketing.Approvals.ApproverKind.Role:
                        await people.RequireRoleAsync(approver.Of!, at, ct);
                        break;
                    case Ticketing.Approvals.ApproverKind.Group:
                        await people.RequireGroupAsync(approver.Of!, at, ct);
                        break;
                }
            }
        }

        await RequireIdsAsync(content.Form, $"{pointer}/form", ct);
        foreach (var (index, rule) in content.Approval.Rules.Index())
        {
            await RequireIdsAsync(rule.When, content.Form, $"{pointer}/approval/rules/{index}/when", ct);
        }

        foreach (var (index, step) in content.Plan.Index())
        {
            await people.RequireGroupIdAsync(step.Group, $"{pointer}/plan/{index}/group", ct);
            await RequireIdsAsync(step.When, content.Form, $"{pointer}/plan/{index}/when", ct);
            await RequireIdsAsync(step.Form ?? Form.Empty, $"{pointer}/plan/{index}/form", ct);
            if (step.Order is { } order)
            {
                await RequireOrderAsync(order, key, $"{pointer}/plan/{index}/order", ct);
            }
        }

        return new ItemLinks(category, owner, group, tokens.Count > 0 ? tokens : [ReaderToken.Everyone]);
    }

    private async ValueTask RequireIdsAsync(Form form, string pointer, CancellationToken ct)
    {
        foreach (var (key, question) in form.Properties)
        {
            await RequireIdsAsync(question.VisibleWhen, form, $"{pointer}/properties/{key}/visibleWhen", ct);
        }
    }

    /// <summary>Whatever name somebody was answered by, conditions look at their id.</summary>
    private async ValueTask RequireIdsAsync(IReadOnlyList<FieldCondition> conditions, Form form, string pointer, CancellationToken ct)
    {
        foreach (var (index, condition) in conditions.Index())
        {
            var format = form.Properties.GetValueOrDefault(condition.Field)?.Format;
            foreach (var (place, name) in (condition.In ?? condition.NotIn ?? []).Index().Where(_ => format is "person" or "group"))
            {
                var at = $"{pointer}/{index}/{(condition.In is null ? "notIn" : "in")}/{place}";
                var id = format == "person"
                    ? (await people.RequirePersonAsync(name, at, ct)).Id
                    : (await people.RequireGroupAsync(name, at, ct)).Id;
                if (name != id.ToString())
                {
                    throw new InvalidValueException(at, FieldCode.WrongFormat,
                        $"Conditions on {condition.Field} name ids: {name.Quoted} is {id}.");
                }
            }
        }
    }

    private static void Amounts(ItemContent content, string pointer)
    {
        Require(content.ExpectedDelivery is not { } delivery || (delivery > TimeSpan.Zero && delivery <= LongestTime), "expectedDelivery",
            $"expectedDelivery is longer than nothing and at most ten years.");
        Require(content.Cost?.IsAmount() != false, "cost",
            $"cost is an amount of at least 0 in the minor unit of a currency such as EUR.");

        void Require(bool holds, string member, Sentence sentence)
        {
            if (!holds)
            {
                throw new InvalidValueException($"{pointer}/{member}", FieldCode.OutOfRange, sentence);
            }
        }
    }

    private static void RequireQuestions(ItemContent content, string pointer)
    {
        foreach (var (key, format) in CatalogItem.QuestionsOf(content.Kind))
        {
            if (content.Form.Properties.GetValueOrDefault(key)?.Format != format || !IsAlwaysAnswered(content.Form, key))
            {
                throw new InvalidValueException($"{pointer}/form", FieldCode.Required,
                    $"An item for {content.Kind} has a required question {key} with format {format} that is "
                    + $"always visible.");
            }
        }
    }

    private static void CheckAccess(ItemContent content, string pointer)
    {
        if (content.Kind != ItemKind.Standard && (content.Access is not null || content.Returnable))
        {
            throw new InvalidValueException($"{pointer}/{(content.Returnable ? "returnable" : "access")}", FieldCode.Conflicting,
                $"An item about somebody who comes or goes gives nothing itself: its plan orders what they get.");
        }

        if (content.Access is not { } access)
        {
            return;
        }

        if (RequestFields.Placeholder(access.Role) is { } question
            && (!IsAlwaysAnswered(content.Form, question)
                || content.Form.Properties[question] is not ({ Enum: not null } or { Type: "string", MaxLength: <= LongestRole })))
        {
            throw new InvalidValueException($"{pointer}/access/role", FieldCode.NotFound,
                $"There is no required question {question.Quoted} that is always visible, and whose answers are those of an enum or texts "
                + $"of at most {LongestRole} characters.");
        }

        if (RequestFields.Placeholder(access.Role) is null && access.Role.AsSpan().ContainsAny('{', '}'))
        {
            throw new InvalidValueException($"{pointer}/access/role", FieldCode.WrongFormat,
                $"role is a text, or one question in braces: {{role}}.");
        }

        if (access.Longest <= TimeSpan.Zero || access.Longest > LongestTime)
        {
            throw new InvalidValueException($"{pointer}/access/longest", FieldCode.OutOfRange,
                $"longest is longer than nothing and at most ten years, not {access.Longest?.ToIsoText()}.");
        }

        if (access.Until is { } until && content.Form.Properties.GetValueOrDefault(until)?.Format != "date")
        {
            throw new InvalidValueException($"{pointer}/access/until", FieldCode.NotFound,
                $"There is no question {until.Quoted} with format date.");
        }
    }

    private static bool IsAlwaysAnswered(Form form, string question) =>
        form.Required.Contains(question) && form.Properties.GetValueOrDefault(question) is { VisibleWhen: [] };

    private static void RequirePlaceholder(string text, ItemContent content, string at)
    {
        if (RequestFields.Placeholder(text) is { } question && !content.Form.Properties.ContainsKey(question))
        {
            throw new InvalidValueException(at, FieldCode.NotFound, $"There is no question {question.Quoted}.");
        }
    }
}
