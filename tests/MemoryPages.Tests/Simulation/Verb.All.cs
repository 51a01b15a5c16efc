using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Simulation;

/// <content>The verbs.</content>
internal abstract partial record Verb
{
    public static readonly Verb[] All = [.. OnPages(), .. OnReservations(), .. OnPools(), .. OnFiles(), .. OnCodeAndSecrets()];

    private static nuint Page => PageSize.Base;

    private static Verb<T> Of<T>(string name, Func<T> prepare, Action<T> act)
        where T : IDisposable => new Verb<T>(name, prepare, subject =>
    {
        act(subject);
        return null;
    });

    /// <summary>What makes an object, without one before.</summary>
    private static Verb<Nothing> Making(string name, Func<IDisposable> make) => new Verb<Nothing>(name, () => new Nothing(), _ => make());

    private static Pages<ReadWrite> Filled(nuint pages = 8)
    {
        Pages<ReadWrite> made = Pages.Allocate(pages * Page);
        using WriteView view = made.Write();
        for (int i = 0; i < view.Span.Length; i += 61)
        {
            view.Span[i] = (byte)(i / 61 | 1);
        }

        return made;
    }

    private static IEnumerable<Verb> OnPages()
    {
        PageRange part = new(2 * Page, 3 * Page);
        yield return Making("Allocate", () => Pages.Allocate(3 * Page));
        yield return Making("Allocate aligned, populated, named", () => Pages.Allocate(3 * Page, new() { Alignment = 64 * Page, Populate = true, Name = "named" }));
        yield return Making("Allocate on huge pages", () => Pages.Allocate(3 * Page, new() { HugePages = HugePages.Transparent }));
        yield return new Verb<Pages<ReadWrite>>("Protect", () => Filled(), pages => pages.Protect<ReadOnly>());
        yield return new Verb<Pages<ReadWrite>>("Protect to run", () => Filled(), pages => pages.Protect<ReadExecute>());
        yield return new Verb<Pages<ReadWrite>>("ProtectScope", () => Filled(), pages =>
        {
            using ProtectionScope<ReadOnly> scope = pages.ProtectScope<ReadOnly>(part);
            return null;
        })
        {
            MostCalls = 1, // what cannot be undone at the scope's end stays as it is, as documented
        };
        yield return Of("Discard", () => Filled(), pages => pages.Discard(part));
        yield return Of("Offer", () => Filled(), pages => pages.Offer(part));
        yield return Of("Reclaim", () => Filled(), pages => pages.Reclaim(part));
        yield return Of("Prefault", () => Filled(), pages => pages.Prefault());
        yield return Of("Lock", () => Filled(), pages => pages.Lock(range: part));
        yield return Of("Unlock", () => Filled(), pages => pages.Unlock());
        yield return Of("Advise", () => Filled(), pages =>
        {
            if (Advice.Normal.IsSupported)
            {
                pages.Advise(Advice.Normal);
            }
        });
        yield return Of("CountResidentBytes", () => Filled(), pages => pages.CountResidentBytes());
        yield return Of("Resize larger", () => Filled(), pages => pages.Resize(20 * Page, mayMove: true));
        yield return Of("Resize smaller", () => Filled(), pages => pages.Resize(2 * Page));
        yield return Of("Resize where it stands", () => Filled(), pages => Tolerate(() => pages.Resize(9 * Page, mayMove: false)));
        yield return Of("TryCopyTo", () => Filled(), pages => pages.TryCopyTo(Page - 1, new byte[100], out _));
        yield return Of("TryCopyFrom", () => Filled(), pages => pages.TryCopyFrom(Page - 1, new byte[100], out _));
        yield return Of("Seal", () => Filled(), pages =>
        {
            if (Pages.SealingSupported)
            {
                pages.Seal();
            }
        });
        yield return Of("Dispose", () => Filled(), pages => pages.Dispose());
    }

    /// <summary>Where it cannot, which the running system may say of its own accord.</summary>
    private static void Tolerate(Action act)
    {
        try
        {
            act();
        }
        catch (MemoryPagesException noRoom) when (noRoom.ErrorSymbol == "NO_ROOM")
        {
            // As documented.
        }
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
