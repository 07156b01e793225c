using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Platform.Http;

/// <summary>What a merge patch makes of a field.</summary>
public static class Patch
{
    extension<T>(Optional<T> patch)
    {
        /// <summary>What it says, or what was there.</summary>
        public T? Or(T? current) => patch.IsPresent ? patch.Value : current;

        /// <summary>The same for a field that always has a value.</summary>
        /// <exception cref="InvalidValueException">It removes it.</exception>
        public T Or(T current, string pointer) => patch.IsPresent
            ? patch.Value ?? throw new InvalidValueException(pointer, FieldCode.Required, $"{pointer[1..]} can't be removed.")
            : current;
    }
}
