using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Requests.Domain;

namespace Itsm.Requests.Ordering;

/// <summary>Whether a plan makes sense: its steps, what they call and what they order.</summary>
internal sealed partial class ItemCheck
{
    private void CheckPlan(ItemContent content, string pointer, HashSet<string> fields)
    {
        foreach (var (index, step) in content.Plan.Index())
        {
            CheckStep(step, content, $"{pointer}/plan/{index}", fields);
            if (content.Plan.Take(index).Any(other => other.Key == step.Key))
            {
                throw new InvalidValueException($"{pointer}/plan/{index}/key", FieldCode.Repeated,
                    $"There are two steps {step.Key.Quoted}.");
            }
        }

        // Takes away what has nothing before it that is left; what then remains goes in circles.
        var left = content.Plan.ToDictionary(step => step.Key, step => step.After);
        while (left.Keys.Where(key => !left[key].Any(left.ContainsKey)).ToList() is { Count: > 0 } free)
        {
            free.ForEach(key => left.Remove(key));
        }

        if (left.Count > 0)
        {
            throw new InvalidValueException($"{pointer}/plan", FieldCode.Conflicting,
                $"The steps {left.Keys.Order().Listed} wait for each other in a cycle.");
        }
    }

    private void CheckStep(PlanStep step, ItemContent content, string at, HashSet<string> fields)
    {
        if (step.Key == ServiceRequest.DeactivateKey || step.Key.StartsWith(ServiceRequest.RecoverPrefix, StringComparison.Ordinal))
        {
            throw new InvalidValueException($"{at}/key", FieldCode.Conflicting,
                $"The key {step.Key.Quoted} is kept for what a leaver holds.");
        }

        if (step.Kind is StepKind.Recover or StepKind.Deactivate
            || step.Kind == StepKind.Call != step.Call is not null
            || step.Kind == StepKind.Request != step.Order is not null)
        {
            throw new InvalidValueException($"{at}/kind", FieldCode.NotOneOf,
                $"A step is work, a call (with call) or a request (with order).");
        }

        if (step.After.FirstOrDefault(key => content.Plan.All(other => other.Key != key)) is { } unknown)
        {
            throw new InvalidValueException($"{at}/after", FieldCode.NotFound, $"There is no step {unknown.Quoted}.");
        }

        foreach (var (index, condition) in step.When.Index())
        {
            condition.Check($"{at}/when/{index}", fields);
        }

        if (step.Due is { } due
            && (due.Date is null == due.Within is null
                || (due.Within is not null && due.Days != 0)
                || due.Within <= TimeSpan.Zero
                || due.Within > LongestTime
                || due.Days is < -MostDays or > MostDays
                || (due.Date is { } date && content.Form.Properties.GetValueOrDefault(date)?.Format != "date")))
        {
            throw new InvalidValueException($"{at}/due", FieldCode.OutOfRange,
                $"due counts at most {MostDays} days from the answer to a question with format date, or says within which working time.");
        }

        step.Form?.Check($"{at}/form");
        if (step.Call is { } call)
        {
            CheckCall(call, $"{at}/call");
        }

        foreach (var (question, text) in step.Order?.Answers ?? [])
        {
            RequirePlaceholder(text, content, $"{at}/order/answers/{question}");
        }
    }

    private void CheckCall(CallRule call, string at)
    {
        if (webhooks.WhyNot(call.Url) is { } refused)
        {
            throw new InvalidValueException($"{at}/url", FieldCode.WrongFormat, refused);
        }

        if (!webhooks.HasSecret(call.Secret))
        {
            throw new InvalidValueException($"{at}/secret", FieldCode.NotFound, $"No secret {call.Secret.Quoted} is configured.");
        }

        if (call.Timeout < TimeSpan.FromMinutes(1) || call.Timeout > TimeSpan.FromDays(30))
        {
            throw new InvalidValueException($"{at}/timeout", FieldCode.OutOfRange,
                $"timeout is 1 minute to 30 days, not {call.Timeout.ToIsoText()}.");
        }
    }

    /// <summary>What is ordered must be there, and must not lead back here.</summary>
    private async ValueTask RequireOrderAsync(OrderRule order, string key, string at, CancellationToken ct)
    {
        var (next, seen) = (new Queue<string>([order.Item]), new HashSet<string>());
        while (next.TryDequeue(out var one))
        {
            // Of itself it is known even before it is first saved.
            var item = await items.FindDocumentAsync(one, ct) is { } found ? AggregateStore<CatalogItem>.Load(found) : null;
            if ((item?.Key ?? one) == key)
            {
                throw new InvalidValueException($"{at}/item", FieldCode.Conflicting,
                    $"{order.Item.Quoted} orders {key} in turn: that would never end.");
            }

            if (item is null)
            {
                throw new InvalidValueException($"{at}/item", FieldCode.NotFound, $"No catalog item {one.Quoted} is known.");
            }

            var questions = (item.Published ?? item.Draft).Form.Properties;
            if (seen.Count == 0 && order.Answers.Keys.FirstOrDefault(question => !questions.ContainsKey(question)) is { } unknown)
            {
                throw new InvalidValueException($"{at}/answers/{unknown}", FieldCode.UnknownField,
                    $"{item.Key} has no question {unknown.Quoted}.");
            }

            if (!seen.Add(item.Key))
            {
                continue;
            }

            foreach (var further in item.Draft.Plan.Concat(item.Published?.Plan ?? []).Select(step => step.Order?.Item).OfType<string>())
            {
                next.Enqueue(further);
            }
        }
    }
}
