using System.Text.RegularExpressions;

namespace Itsm.Ticketing;

/// <summary>An amount of money.</summary>
/// <param name="Amount">In the currency's minor unit: cents.</param>
/// <param name="Currency">ISO 4217: <c>EUR</c>.</param>
public sealed partial record Cost(long Amount, string Currency)
{
    /// <summary>True where it is an amount of at least 0 of what could be a currency.</summary>
    public bool IsAmount() => Amount >= 0 && Code().IsMatch(Currency);

    [GeneratedRegex(@"^[A-Z]{3}\z")]
    private static partial Regex Code();
}
