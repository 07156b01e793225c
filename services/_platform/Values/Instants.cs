using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Itsm.Platform.Values;

/// <summary>Durations as text: ISO 8601 in hours, minutes and seconds, for a day of working time has no fixed length.</summary>
public static class Durations
{
    /// <summary>No duration has a longer text, in bytes.</summary>
    public const int LongestIsoText = 32;

    extension(TimeSpan duration)
    {
        /// <summary>Such as <c>PT26H30M</c> or <c>PT0.25S</c>.</summary>
        public string ToIsoText() => Encoding.ASCII.GetString(duration.FormatIso(stackalloc byte[LongestIsoText]));

        /// <summary>The text of <see cref="ToIsoText"/> in UTF-8.</summary>
        /// <param name="text">Takes it; at least <see cref="LongestIsoText"/> long.</param>
        public ReadOnlySpan<byte> FormatIso(Span<byte> text)
        {
            var length = 0;
            if (duration < TimeSpan.Zero)
            {
                text[length++] = (byte)'-';
            }

            "PT"u8.CopyTo(text[length..]);
            length += 2;
            Append(text, ref length, Math.Abs(duration.Ticks / TimeSpan.TicksPerHour), 'H');
            Append(text, ref length, Math.Abs(duration.Minutes), 'M');
            var ticks = Math.Abs(duration.Ticks % TimeSpan.TicksPerMinute);
            if (ticks % TimeSpan.TicksPerSecond == 0)
            {
                Append(text, ref length, ticks / TimeSpan.TicksPerSecond, 'S', evenZero: duration == TimeSpan.Zero);
                return text[..length];
            }

            Append(text, ref length, ticks / TimeSpan.TicksPerSecond, '.', evenZero: true);
            Utf8Formatter.TryFormat(ticks % TimeSpan.TicksPerSecond, text[length..], out var digits, new StandardFormat('D', 7));
            length = text[..(length + digits)].LastIndexOfAnyExcept((byte)'0') + 1;
            text[length++] = (byte)'S';
            return text[..length];
        }

        /// <summary>As answers show it, in the form of RFC 3339, such as <c>PT2H0M5S</c>: without sign and in whole seconds, rounded down;
        /// zero where it is negative.</summary>
        /// <param name="text">Takes it; at least <see cref="LongestIsoText"/> long.</param>
        public ReadOnlySpan<byte> FormatShown(Span<byte> text)
        {
            var (hours, rest) = Math.DivRem(Math.Max(0, duration.Ticks / TimeSpan.TicksPerSecond), 3600);
            var (minutes, seconds) = Math.DivRem(rest, 60);
            "PT"u8.CopyTo(text);
            var length = 2;
            Append(text, ref length, hours, 'H');
            Append(text, ref length, minutes, 'M', evenZero: hours > 0 && seconds > 0);
            Append(text, ref length, seconds, 'S', evenZero: length == 2);
            return text[..length];
        }
    }

    private static void Append(Span<byte> text, ref int length, long number, char unit, bool evenZero = false)
    {
        if (number > 0 || evenZero)
        {
            Utf8Formatter.TryFormat(number, text[length..], out var digits);
            length += digits;
            text[length++] = (byte)unit;
        }
    }
}

/// <summary>Instants as stored and shown: whole milliseconds.</summary>
public static class Instants
{
    extension(DateTimeOffset at)
    {
        /// <summary>The same instant without what is finer than a millisecond.</summary>
        public DateTimeOffset ToMilliseconds() => new(at.Ticks - (at.Ticks % TimeSpan.TicksPerMillisecond), at.Offset);
    }
}
