namespace Itsm.Platform.Values;

/// <summary>Durations as stored and shown: ISO 8601 in hours, minutes and seconds, for a day of working time has no fixed length.</summary>
public static class Durations
{
    extension(TimeSpan duration)
    {
        /// <summary>Such as <c>PT26H30M</c> or <c>PT0.25S</c>.</summary>
        public string ToIsoText()
        {
            if (duration < TimeSpan.Zero)
            {
                return "-" + duration.Negate().ToIsoText();
            }

            var (hours, rest) = (duration.Ticks / TimeSpan.TicksPerHour, TimeSpan.FromTicks(duration.Ticks % TimeSpan.TicksPerHour));
            var text = rest == TimeSpan.Zero ? hours == 0 ? "PT0S" : "PT" : System.Xml.XmlConvert.ToString(rest);
            return hours == 0 ? text : $"PT{hours}H{text[2..]}";
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
