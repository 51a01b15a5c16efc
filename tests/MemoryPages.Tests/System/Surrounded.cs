using Xunit.Sdk;

namespace MemoryPages.Tests.Effects;

/// <summary>Neighbours, asked for again where another thread of the runtime was given the addresses between them: seldom, but hundreds of tests ask.</summary>
internal static class Surrounded
{
    public static Neighbours Pages(int count)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return new Neighbours(count);
            }
            catch (EqualException) when (attempt < 20)
            {
            }
        }
    }
}
