namespace Itsm.Platform.Http;

/// <summary>Instants as stored and shown: whole milliseconds.</summary>
public static class Instants
{
    extension(DateTimeOffset at)
    {
        /// <summary>The same instant without what is finer than a millisecond.</summary>
        public DateTimeOffset ToMilliseconds() => new(at.Ticks - (at.Ticks % TimeSpan.TicksPerMillisecond), at.Offset);
    }
}
