using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Assets;

/// <summary>Notes at assignments of licences that the product was used: on the device that has one, or by the person who has the
/// device.</summary>
internal sealed class SoftwareUse(AggregateStore<LicenseAssignment> assignments, AggregateStore<DeviceSoftware> devices)
{
    private const int PageSize = 200;

    /// <summary>Safe to repeat: a use that is no day later than what is known changes nothing.</summary>
    public async Task NoteAsync(Asset device, CancellationToken ct)
    {
        var uses = ((await devices.FindAsync(device.Id, ct))?.Installations ?? [])
            .Where(one => one is { Product: not null, LastUsedAt: not null })
            .GroupBy(one => one.Product!.Value, one => one.LastUsedAt!.Value).ToDictionary(of => of.Key, of => of.Max());
        if (uses.Count == 0)
        {
            return;
        }

        await NoteAsync("asset", device.Id, uses, ct);
        if (device.Holder is { } person)
        {
            await NoteAsync("person", person, uses, ct);
        }
    }

    private async Task NoteAsync(string field, Guid holder, Dictionary<Guid, DateTimeOffset> uses, CancellationToken ct)
    {
        var has = new DocumentQuery(
            [Condition.In(field, BsonMapping.Value(holder)), Condition.In("active", true)], "assignedAt", false, null, PageSize);
        await foreach (var found in assignments.Documents.AllAsync(has, ct))
        {
            var assignment = AggregateStore<LicenseAssignment>.Load(found);
            if (uses.TryGetValue(assignment.Product, out var at) && assignment.IsNews(at))
            {
                await assignments.UpdateAsync(assignment.Id, AuditContext.OfService("assets", "note-use", assignments.Clock),
                    one => one.NoteUse(at), ct);
            }
        }
    }
}
