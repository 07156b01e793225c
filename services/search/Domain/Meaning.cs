using System.Numerics;
using System.Runtime.InteropServices;
using Itsm.Search.Domain.Languages;

namespace Itsm.Search.Domain;

/// <summary>What a text means, as a model of sentences tells it: a direction of <see cref="Dimensions"/> parts; the nearer two directions, the
/// more alike the meanings.</summary>
/// <param name="Model">Who tells it: directions of different models can't be compared.</param>
/// <param name="Vector">A signed byte for each part, in hexadecimal.</param>
internal sealed record Meaning(string Model, string Vector)
{
    /// <summary>Parts of a direction, the same for every model: engines are told once.</summary>
    public const int Dimensions = 384;

    /// <summary>The language of the texts that models know.</summary>
    public const string Language = LanguageRule.English;

    /// <summary>The cosine from which on two meanings count as alike.</summary>
    public const double Alike = 0.25;

    // Of a direction of length 1 with so many parts hardly one is larger than a third.
    private const float Scale = 3 * sbyte.MaxValue;

    /// <summary>From a direction of length 1.</summary>
    public static Meaning Of(string model, ReadOnlySpan<float> direction)
    {
        var parts = new byte[Dimensions];
        for (var at = 0; at < Dimensions; at++)
        {
            parts[at] = (byte)(sbyte)Math.Clamp(MathF.Round(direction[at] * Scale), -sbyte.MaxValue, sbyte.MaxValue);
        }

        return new Meaning(model, Convert.ToHexStringLower(parts));
    }

    /// <summary>The parts.</summary>
    public byte[] Parts() => Convert.FromHexString(Vector);

    /// <summary>The cosine of two directions, from -1 to 1.</summary>
    public static float Cosine(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        var sum = Vector<int>.Zero;
        var ones = MemoryMarshal.Cast<byte, Vector<sbyte>>(one);
        var others = MemoryMarshal.Cast<byte, Vector<sbyte>>(other);
        for (var at = 0; at < ones.Length; at++)
        {
            System.Numerics.Vector.Widen(ones[at], out var low, out var high);
            System.Numerics.Vector.Widen(others[at], out var otherLow, out var otherHigh);

            // Two products of 127 by 127 fit into 16 bits.
            System.Numerics.Vector.Widen((low * otherLow) + (high * otherHigh), out var left, out var right);
            sum += left + right;
        }

        return System.Numerics.Vector.Sum(sum) / (Scale * Scale);
    }
}
