using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Platform.WorkingTime;
using Itsm.Requests.Domain;
using Itsm.Ticketing;
using Itsm.Ticketing.Approvals;
using Itsm.Ticketing.Forms;

namespace Itsm.Requests.Ordering;

/// <summary>Makes requests of catalog items: reads the answers, finds who must approve.</summary>
internal sealed class Catalog(
    AggregateStore<CatalogItem> items, AggregateStore<CatalogEdition> editions, AggregateStore<Category<ServiceRequest>> categories,
    AggregateStore<ServiceRequest> requests, NumberSeries<ServiceRequest> numbers, People people, Ownerless<ServiceRequest> ownerless,
    Approvers approvers, AnswerReader reader)
{
    private const int MostLoaded = 1_000;
    private const int MostDaysPast = 90;

    /// <summary>Items as of a version, as orders read them: nothing here changes one.</summary>
    private readonly ConcurrentDictionary<(Guid Item, long Version), CatalogItem> _loaded = new();
    private readonly ConcurrentDictionary<Guid, ItemContent> _editions = new();

    private static readonly JsonSerializerOptions AnyJson = new() { Converters = { new AnyJsonConverter() } };

    /// <summary>The item of this id or key as it can be ordered now.</summary>
    /// <param name="key">Its id or key.</param>
    /// <param name="caller">Who must be of its audience; null for the suite itself.</param>
    /// <param name="ct">Ends the look.</param>
    /// <exception cref="InvalidValueException">There is none, or the caller may not order it.</exception>
    public async ValueTask<CatalogItem> RequireAsync(string key, Caller? caller, CancellationToken ct) =>
        await items.FindDocumentAsync(key, ct) is { } found
            && Load(found) is { Published: not null } item
            && caller?.Sees(item.Readers) != false
            ? item
            : throw new InvalidValueException("/item", FieldCode.NotFound,
                caller is null ? (Sentence)$"There is no item {key.Quoted} to be ordered."
                    : $"There is no item {key.Quoted} that you can order.");

    /// <summary>The content of the edition that a request was made of.</summary>
    public async ValueTask<(CatalogItem Item, ItemContent Content)> OfAsync(ServiceRequest request, CancellationToken ct)
    {
        var item = await items.Documents.FindAsync(request.Item, ct) is { } found
            ? Load(found)
            : throw new InvalidOperationException($"The item {request.ItemKey} of {request.Number} is gone.");
        return (item, request.Edition == item.Edition ? item.Current! : await ContentAsync(item, request.Edition, ct));
    }

    /// <summary>The questions that a request answers; a draft those of what is published now.</summary>
    public async ValueTask<Form> FormOfAsync(ServiceRequest request, CancellationToken ct)
    {
        var (item, content) = await OfAsync(request, ct);
        return (request.State == RequestState.Draft ? item.Published ?? content : content).Form;
    }

    /// <summary>The questions to whoever does a task; none for what the plan did not foresee.</summary>
    public async ValueTask<Form> FormOfTaskAsync(ServiceRequest request, string task, CancellationToken ct) =>
        (await OfAsync(request, ct)).Content.Plan.FirstOrDefault(step => step.Key == task)?.Form ?? Form.Empty;

    /// <summary>A new request, submitted unless it is to be a draft.</summary>
    public async ValueTask<ServiceRequest> OrderAsync(Order order, AuditContext audit, CancellationToken ct)
    {
        var content = order.Item.Published!;
        var (answers, fields) = await reader.ReadAsync(content.Form, order.Answers, content.Kind, whole: !order.Draft, ct);
        var about = await AboutAsync(content, order.Requester, fields, ct);
        RequestFields.Add(fields, order.Item, content, about, order.OpenedBy, order.ParentItem);
        if (!order.Draft)
        {
            await RequireOrderableAsync(content, about, [order.Requester.Id, order.OpenedBy], fields, audit, ct);
        }

        var request = ServiceRequest.Order(
            new NewRequest
            {
                Id = order.Id, Number = await numbers.NextAsync(ct), Item = order.Item, Answers = answers, Requester = order.Requester.Id,
                OpenedBy = order.OpenedBy, Description = order.Description, Group = await GroupAsync(order.Item, ct), Parent = order.Parent,
                ParentTask = order.ParentTask, ParentItem = order.ParentItem,
            }, audit);
        request.Surround(await people.SurroundingsAsync(request.Requester, request.AssignmentGroup, ct));
        if (!order.Draft)
        {
            request.Submit(content.Approval, fields, audit);
            await AskAsync(request, content, fields, audit, ct);
        }

        return request;
    }

    /// <summary>Submits a draft, as an order of what is published now: its answers must be whole.</summary>
    public async ValueTask SubmitAsync(ServiceRequest request, Caller caller, AuditContext audit, CancellationToken ct)
    {
        request.RequireDraft();
        var item = await RequireAsync(request.ItemKey, caller, ct);
        var content = item.Published!;
        var (answers, fields) = await reader.ReadAsync(content.Form, StillAsked(request, content.Form), content.Kind, whole: true, ct);
        var requester = await people.RequirePersonAsync(request.Requester.ToString(), "/requester", ct);
        var about = await AboutAsync(content, requester, fields, ct);
        RequestFields.Add(fields, item, content, about, request.OpenedBy, request.ParentItem);
        await RequireOrderableAsync(content, about, request.Barred, fields, audit, ct);
        request.Take(item, await GroupAsync(item, ct), answers);
        request.Submit(content.Approval, fields, audit);
        await AskAsync(request, content, fields, audit, ct);
    }

    /// <summary>Changes what is asked for, or for whom; who must approve is asked again where anything changed. A draft answers what is
    /// published now.</summary>
    /// <param name="request">The request.</param>
    /// <param name="caller">Who changes it.</param>
    /// <param name="changes">Answers by question; null takes one back.</param>
    /// <param name="requester">For whom it is from now on; null for whom it was.</param>
    /// <param name="description">What the form does not ask.</param>
    /// <param name="audit">Who changes it, and when.</param>
    /// <param name="ct">Ends the look.</param>
    public async ValueTask ReviseAsync(
        ServiceRequest request, Caller caller, IReadOnlyDictionary<string, JsonElement> changes, PersonChanged? requester,
        string? description, AuditContext audit, CancellationToken ct)
    {
        request.RequireRevisable();
        var isDraft = request.State == RequestState.Draft;
        var (item, content) = await OfAsync(request, ct);
        if (isDraft)
        {
            item = await RequireAsync(request.ItemKey, caller, ct);
            content = item.Published!;
        }

        var answers = StillAsked(request, content.Form);
        foreach (var (question, value) in changes)
        {
            answers[question] = value;
        }

        var (read, fields) = await reader.ReadAsync(content.Form, answers, content.Kind, whole: !isDraft, ct);
        requester ??= await people.RequirePersonAsync(request.Requester.ToString(), "/requester", ct);
        var about = await AboutAsync(content, requester, fields, ct);
        RequestFields.Add(fields, item, content, about, request.OpenedBy, request.ParentItem);
        if (isDraft)
        {
            request.Take(item, await GroupAsync(item, ct), read);
        }
        else
        {
            await RequireOrderableAsync(
                content, about, [requester.Id, .. request.Barred, audit.By.Person!.Value], fields, audit, ct, request.Id);
        }

        request.Revise(read, requester.Id, description, content.Approval, fields, audit);
        request.Surround(await people.SurroundingsAsync(request.Requester, request.AssignmentGroup, ct));
        await AskAsync(request, content, fields, audit, ct);
    }

    /// <summary>What approvers of a request follow from.</summary>
    public async ValueTask<ApprovalContext> ContextAsync(ServiceRequest request, CancellationToken ct) =>
        ContextOf((await OfAsync(request, ct)).Content, request.About, request.Barred, request.Fields());

    /// <summary>The answers of a request as they were given, but for what is not asked any more since.</summary>
    private static Dictionary<string, JsonElement> StillAsked(ServiceRequest request, Form form) =>
        GivenBy(request).Where(answer => form.Properties.ContainsKey(answer.Key)).ToDictionary();

    /// <summary>The answers of a request as they were given.</summary>
    public static Dictionary<string, JsonElement> GivenBy(ServiceRequest request) =>
        request.Answers.ToDictionary(answer => answer.Question, answer => JsonSerializer.SerializeToElement(answer.Value, AnyJson));

    /// <summary>Refuses what can't be begun as it is.</summary>
    private async ValueTask RequireOrderableAsync(ItemContent content, PersonChanged about, IReadOnlyList<Guid> barred, FieldValues fields,
        AuditContext audit, CancellationToken ct, Guid? except = null)
    {
        RequireDates(content, fields, about.TimeZone, audit);

        // The index would refuse it, too, with fewer words.
        if (content.Kind == ItemKind.Offboarding
            && await requests.Documents.QueryAsync(new DocumentQuery(
                [Condition.In("leaver", BsonMapping.Value(about.Id))], "leaver", false, null, 1), ct) is [var found]
            && found.Id != except)
        {
            var number = AggregateStore<ServiceRequest>.Load(found).Number;
            throw new RuleViolationException("request.offboarding-exists",
                $"{about.Name} is offboarded by {number}, which is not closed yet.");
        }

        await approvers.RequireAsync(content.Approval, ContextOf(content, about.Id, [.. barred, about.Id], fields), ct);
    }

    /// <summary>What is approved is what is given: access until a day that is past, or later than it may last, is not even asked for; nor
    /// is somebody's coming or going of long ago, which is a slip.</summary>
    private static void RequireDates(ItemContent content, FieldValues fields, string? zone, AuditContext audit)
    {
        var today = LocalDates.Of(audit.At, zone);
        foreach (var (key, _) in CatalogItem.QuestionsOf(content.Kind).Where(question => question.Format == "date"))
        {
            if (fields[key] is [var day, ..]
                && DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture) < today.AddDays(-MostDaysPast))
            {
                throw new InvalidValueException($"/answers/{key}", FieldCode.OutOfRange,
                    $"{key} is more than {MostDaysPast} days past: {day}.");
            }
        }

        if (content.Access is not { Until: { } question } access || fields[question] is not [var text, ..])
        {
            return;
        }

        var until = DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        if (until < today)
        {
            throw new InvalidValueException($"/answers/{question}", FieldCode.OutOfRange, $"{question} is past: {text}.");
        }

        if (access.Longest is { } longest && until > LocalDates.Of(audit.At + longest, zone))
        {
            throw new InvalidValueException($"/answers/{question}", FieldCode.OutOfRange,
                $"{question} is too late: {text}. This access is given for {longest.TotalDays:0} days at most.");
        }
    }

    private async ValueTask<ItemContent> ContentAsync(CatalogItem item, int number, CancellationToken ct)
    {
        var id = item.Editions[number - 1];
        if (!_editions.TryGetValue(id, out var content))
        {
            content = await editions.FindAsync(id, ct) is { } found
                ? found.Content
                : throw new InvalidOperationException($"Edition {number} of {item.Key} is gone.");
            if (_editions.Count >= MostLoaded)
            {
                _editions.Clear();
            }

            _editions[id] = content;
        }

        return content;
    }

    private CatalogItem Load(StoredDocument document)
    {
        if (_loaded.Count >= MostLoaded)
        {
            _loaded.Clear();
        }

        return _loaded.GetOrAdd(
            (document.Id, document.Version), static (_, document) => AggregateStore<CatalogItem>.Load(document), document);
    }

    private ValueTask AskAsync(ServiceRequest request, ItemContent content, FieldValues fields, AuditContext audit, CancellationToken ct) =>
        approvers.AskAsync(request, () => ValueTask.FromResult(ContextOf(content, request.About, request.Barred, fields)), audit, ct);

    /// <summary>Who comes or goes, where the item is about somebody; else for whom it is.</summary>
    private async ValueTask<PersonChanged> AboutAsync(
        ItemContent content, PersonChanged requester, FieldValues fields, CancellationToken ct) =>
        content.Kind != ItemKind.Standard && fields["person"] is [var person, ..] && await people.FindPersonAsync(person, ct) is { } subject
            ? subject
            : requester;

    private static ApprovalContext ContextOf(ItemContent content, Guid about, IReadOnlyList<Guid> barred, FieldValues fields) =>
        new(about, content.Owner, content.DataOwner ?? content.Owner, barred, fields);

    private async ValueTask<GroupChanged?> GroupAsync(CatalogItem item, CancellationToken ct)
    {
        var own =
            item.AssignmentGroup is { } named && await people.FindGroupAsync(named, ct) is { Active: true } ? item.AssignmentGroup : null;
        return await ownerless.OrDefaultAsync(own
            ?? await Category<ServiceRequest>.RouteOfAsync(categories,
                item.Category is { } category ? await categories.FindAsync(category, ct) : null, people, ct), ct);
    }
}
