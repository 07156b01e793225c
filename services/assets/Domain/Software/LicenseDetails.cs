using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets.Domain;

/// <summary>What people write of a license.</summary>
internal sealed record LicenseDetails
{
    public required string Name { get; init; }

    public int Seats { get; init; }

    public DateOnly StartsOn { get; init; }

    public DateOnly? ExpiresOn { get; init; }

    public Cost? Cost { get; init; }

    public string? Supplier { get; init; }

    public string? Reference { get; init; }

    public Guid? Contract { get; init; }

    public Guid? Owner { get; init; }

    public string? Notes { get; init; }

    /// <exception cref="InvalidValueException">A value is impossible, or does not go with another one.</exception>
    public void Require()
    {
        AssetDetails.RequireDay(StartsOn, "/startsOn");
        AssetDetails.RequireDay(ExpiresOn, "/expiresOn");
        AssetDetails.RequireCost(Cost);
        if (ExpiresOn < StartsOn)
        {
            throw new InvalidValueException("/expiresOn", FieldCode.Conflicting,
                $"expiresOn can't be {ExpiresOn:yyyy-MM-dd}, before the license starts on {StartsOn:yyyy-MM-dd}.");
        }
    }
}

/// <summary>Seats that an assignment has, or is about to.</summary>
/// <param name="Assignment">Its id.</param>
/// <param name="Holder">The person or asset that has it.</param>
/// <param name="Seats">How many.</param>
/// <param name="At">When they were claimed.</param>
public sealed record SeatClaim(Guid Assignment, Guid Holder, int Seats, DateTimeOffset At);

/// <summary>What a seat of a license is for.</summary>
public enum LicenseMetric
{
    /// <summary>A person, on whatever devices.</summary>
    PerUser,

    /// <summary>A device, whoever uses it.</summary>
    PerDevice,

    /// <summary>A processor core of a device.</summary>
    PerCore,
}

/// <summary>Where a license stands.</summary>
public enum LicenseState
{
    /// <summary>It can be assigned.</summary>
    Active,

    /// <summary>Its last day is over.</summary>
    Expired,

    /// <summary>Nothing more is assigned of it.</summary>
    Retired,
}
