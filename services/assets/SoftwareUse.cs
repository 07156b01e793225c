using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;

namespace Itsm.Assets;

/// <summary>Notes at assignments of licenses that the product was used: on the device that has one, or by the person who has the
/// device.</summary>
internal sealed class SoftwareUse(HeldLicenses held, AggregateStore<DeviceSoftware> devices)
{
    /// <summary>Safe to repeat: a use that is no week later than what is known changes nothing.</summary>
    public async Task NoteAsync(Asset device, CancellationToken ct)
    {
        var uses = ((await devices.FindAsync(device.Id, ct))?.Installations ?? [])
            .Where(one => one is { Product: not null, LastUsedAt: not null })
            .GroupBy(one => one.Product!.Value, one => one.LastUsedAt!.Value).ToDictionary(of => of.Key, of => of.Max());
        if (uses.Count == 0)
        {
            return;
        }

        await NoteAsync(held.OfAssetAsync(device.Id, ct), uses, ct);
        if (device.Holder is { } person)
        {
            await NoteAsync(held.OfPersonAsync(person, ct), uses, ct);
        }
    }

    private Task NoteAsync(
        IAsyncEnumerable<LicenseAssignment> assignments, Dictionary<Guid, DateTimeOffset> uses, CancellationToken ct) =>
        held.ChangeAsync(assignments.Where(one => uses.TryGetValue(one.Product, out var at) && one.IsNews(at)), "note-use",
            (one, _) => one.NoteUse(uses[one.Product]), ct);
}
