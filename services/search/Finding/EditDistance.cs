namespace Itsm.Search.Finding;

/// <summary>Letters to change, add, leave out, or swap with the next one, from one word to another.</summary>
internal static class EditDistance
{
    public static int Of(string one, string other)
    {
        var costs = new int[one.Length + 1, other.Length + 1];
        for (var left = 0; left <= one.Length; left++)
        {
            for (var right = 0; right <= other.Length; right++)
            {
                costs[left, right] = left == 0 ? right : right == 0 ? left : Math.Min(
                    Math.Min(costs[left - 1, right], costs[left, right - 1]) + 1,
                    costs[left - 1, right - 1] + (one[left - 1] == other[right - 1] ? 0 : 1));
                if (left > 1 && right > 1 && one[left - 1] == other[right - 2] && one[left - 2] == other[right - 1])
                {
                    costs[left, right] = Math.Min(costs[left, right], costs[left - 2, right - 2] + 1);
                }
            }
        }

        return costs[one.Length, other.Length];
    }
}
