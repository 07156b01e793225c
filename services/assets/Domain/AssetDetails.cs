using System.Text;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Unicode;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets.Domain;

/// <summary>What people write of an asset.</summary>
internal sealed record AssetDetails
{
    private const int FirstYear = 1950;
    private const int LastYear = 2200;

    public string? Tag { get; init; }

    public required string Name { get; init; }

    public string? Model { get; init; }

    public string? Manufacturer { get; init; }

    public string? SerialNumber { get; init; }

    public string? Site { get; init; }

    public Guid? Owner { get; init; }

    public Guid? OwnerGroup { get; init; }

    public string? Supplier { get; init; }

    public Cost? Cost { get; init; }

    public DateOnly? PurchasedOn { get; init; }

    public DateOnly? WarrantyEndsOn { get; init; }

    public int? UsefulLife { get; init; }

    public long? SalvageValue { get; init; }

    public string? Notes { get; init; }

    public Guid? ConfigurationItem { get; init; }

    /// <summary>A text as it is compared: without white space, in one case; null for nothing.</summary>
    public static string? KeyOf(string? text) => text is null ? null
        : string.Concat(text.ToNfc().EnumerateRunes().Where(rune => !Rune.IsWhiteSpace(rune)).Select(Rune.ToUpperInvariant))
            is { Length: > 0 } key ? key : null;

    /// <exception cref="InvalidValueException">A value is impossible, or does not go with another one.</exception>
    public void Require()
    {
        RequireDay(PurchasedOn, "/purchasedOn");
        RequireDay(WarrantyEndsOn, "/warrantyEndsOn");
        if (WarrantyEndsOn < PurchasedOn)
        {
            throw new InvalidValueException("/warrantyEndsOn", FieldCode.Conflicting,
                $"warrantyEndsOn can't be {WarrantyEndsOn:yyyy-MM-dd}, before the purchase on {PurchasedOn:yyyy-MM-dd}.");
        }

        RequireCost(Cost);
        if (SalvageValue is { } salvage && !(salvage <= Cost?.Amount))
        {
            throw new InvalidValueException("/salvageValue", FieldCode.Conflicting,
                $"salvageValue can't be {salvage}: it is a part of the cost.");
        }
    }

    /// <exception cref="InvalidValueException">It is no amount.</exception>
    public static void RequireCost(Cost? cost)
    {
        if (cost?.IsAmount() == false)
        {
            throw new InvalidValueException("/cost", FieldCode.WrongFormat,
                $"cost can't be {cost.Amount} {cost.Currency.Quoted}: at least 0, in the minor unit of a currency such as EUR.");
        }
    }

    /// <exception cref="InvalidValueException">It is far away.</exception>
    public static void RequireDay(DateOnly? day, string pointer)
    {
        if (day is { Year: < FirstYear or > LastYear })
        {
            throw new InvalidValueException(pointer, FieldCode.OutOfRange,
                $"{pointer[1..]} can't be {day:yyyy-MM-dd}: a day of the years {FirstYear} to {LastYear}.");
        }
    }
}
