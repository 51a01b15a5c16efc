using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Simulation;

/// <content>The verbs on what stands on pages.</content>
internal abstract partial record Verb
{
    private static PageRange PagesOf(int first, int count) => new((nuint)first * Page, (nuint)count * Page);

    /// <summary>Sixteen pages: memory, a gap, memory that can only be read, a gap.</summary>
    private static VirtualBuffer Buffer()
    {
        VirtualBuffer buffer = VirtualBuffer.Reserve(16 * Page);
        buffer.Commit(PagesOf(0, 4));
        buffer.Commit(PagesOf(6, 4));
        using (WriteView view = buffer.Write(PagesOf(0, 4)))
        {
            view.Span.Fill(7);
        }

        buffer.Protect<ReadOnly>(PagesOf(6, 2));
        return buffer;
    }

    private static VirtualList<long> List(int count)
    {
        var list = new VirtualList<long>(new() { MaximumCapacity = 1 << 20, HeaderSize = 100 });
        list.AddRange(Enumerable.Range(0, count).Select(i => (long)i).ToArray());
        return list;
    }

    private static int Many => (int)Page; // longs: eight pages

    private static IEnumerable<Verb> OnReservations()
    {
        yield return Making("Reserve", () => VirtualBuffer.Reserve(16 * Page, new() { Alignment = 32 * Page, Name = "named" }));
        yield return Making("Reserve for huge pages", () => VirtualBuffer.Reserve(16 * Page, new() { TransparentHugePages = true }));
        yield return Of("Buffer: Commit over gaps", Buffer, buffer => buffer.Commit(PagesOf(0, 16)));
        yield return Of("Buffer: Decommit", Buffer, buffer => buffer.Decommit(PagesOf(1, 8)));
        yield return Of("Buffer: Protect", Buffer, buffer => buffer.Protect<ReadExecute>(PagesOf(6, 4)));
        yield return Of("Buffer: RemoveGuard", () =>
        {
            VirtualBuffer guarded = Buffer();
            guarded.InstallGuard(PagesOf(6, 3));
            return guarded;
        }, buffer => buffer.RemoveGuard(PagesOf(6, 3)));
        yield return new Verb<VirtualBuffer>("Buffer: InstallGuard", Buffer, buffer =>
        {
            buffer.InstallGuard(PagesOf(1, 2));
            return null;
        })
        {
            MayLoseContent = true,
        };
        yield return Of("Buffer: Discard", Buffer, buffer => buffer.Discard(PagesOf(0, 4)));
        yield return Making("List: new", () => new VirtualList<long>(new() { HeaderSize = 100 }));
        yield return Of("List: AddRange", () => List(10), list =>
        {
            if (list.Count == 10)
            {
                list.AddRange(new long[Many]);
            }
        });
        yield return Of("List: EnsureCapacity", () => List(10), list => list.EnsureCapacity(5 * Many));
        yield return Of("List: TrimExcess", () =>
        {
            VirtualList<long> large = List(3 * Many);
            large.Truncate(5);
            return large;
        }, list => list.TrimExcess());
        yield return Making("Concurrent list: new", () => new ConcurrentVirtualList<long>());
        yield return Of("Concurrent list: EnsureCapacity", () => new ConcurrentVirtualList<long>(), list => list.EnsureCapacity(5 * Many));
        yield return Making("Ring: Create", () => MirroredBuffer.Create(3 * Page));
        yield return Of("Ring: Lock", () => MirroredBuffer.Create(3 * Page), ring => ring.Lock());
        yield return Of("Ring: Unlock", () =>
        {
            MirroredBuffer locked = MirroredBuffer.Create(3 * Page);
            locked.Lock();
            return locked;
        }, ring => ring.Unlock());
        yield return Of("Ring: Prefault", () => MirroredBuffer.Create(3 * Page), ring => ring.Prefault());
        yield return Making("Queue: Create", () => ByteQueue.Create(3 * Page));
    }

    private static IEnumerable<Verb> OnPools()
    {
        foreach ((string what, nuint length) in ((string, nuint)[])[("a byte", 1), ("three pages", 3 * Page), ("a large block", 1 << 20), ("a mapping", 3 << 20)])
        {
            yield return new Verb<PagePool>($"Pool: Rent {what}", () => new PagePool(new() { MaximumBlock = 1 << 20 }), pool =>
            {
                RentAndReturn(pool, length);
                return null;
            })
            {
                MayKeepAddresses = true,
            };
        }

        yield return new Verb<PagePool>("Pool: Trim", () =>
        {
            var pool = new PagePool();
            RentAndReturn(pool, Page);
            RentAndReturn(pool, 8 * Page);
            return pool;
        }, pool =>
        {
            pool.Trim();
            return null;
        });
        yield return new Verb<PagePool>("Pool: Return beyond the budget", () => new PagePool(new() { ResidentBudget = 0 }), pool =>
        {
            RentAndReturn(pool, 256 * Page);
            return null;
        })
        {
            MayKeepAddresses = true,
        };
        yield return Of("Pool: Dispose", () =>
        {
            var pool = new PagePool();
            RentAndReturn(pool, Page);
            return pool;
        }, pool => pool.Dispose());
    }

    private static void RentAndReturn(PagePool pool, nuint length)
    {
        using RentedPages rented = pool.Rent(length);
        rented.Span[0] = 1;
    }

    private static IEnumerable<Verb> OnFiles()
    {
        yield return Making("Map", () => OfFile((path) => Pages.Map(path)));
        yield return Making("Map a part", () => OfFile((path) => Pages.Map(path, new() { Offset = (long)Page + 100, Length = Page, Populate = true })));
        yield return Making("MapCopyOnWrite", () => OfFile((path) => Pages.MapCopyOnWrite(path)));
        yield return Making("MapShared, longer", () => OfFile((path) => Pages.MapShared(path, (9 * Page) + 5)));
        yield return Of("File: Flush", () => OfFile((path) => Pages.MapShared(path)), pages => pages.Flush());
        yield return Of("File: Remove", () => OfFile((path) => Pages.MapShared(path)), pages => pages.Remove());
        yield return Of("Growing file: Flush", () => OfFile((path) => Pages.MapShared(path, 5 * Page)), pages => pages.Flush());
        yield return Of("Growing file, new: Flush", () => OfNewFile(path => Pages.MapShared(path, 5 * Page)), pages => pages.Flush());
        yield return Of("Growing file: Resize larger", () => OfFile((path) => Pages.MapShared(path, 5 * Page)), pages => pages.Resize((64 * Page) + 1, mayMove: true));
        yield return Of("Growing file: Resize smaller", () => OfFile((path) => Pages.MapShared(path, 5 * Page)), pages => pages.Resize(Page));
        yield return Making("Shared memory: Create and map", () =>
        {
            using SharedMemory memory = SharedMemory.Create(3 * Page);
            return memory.MapShared();
        });
    }

    private static IEnumerable<Verb> OnCodeAndSecrets()
    {
        foreach (CodeMode mode in Enum.GetValues<CodeMode>())
        {
            var options = new CodeHeapOptions { Mode = mode, Reserve = 64 * Page };
            yield return Making($"Code, {mode}: new", () => new CodeHeap(options));
            yield return new Verb<CodeHeap>($"Code, {mode}: Emit", () => new CodeHeap(options), heap =>
            {
                using CodeBlock block = heap.Emit(MachineCode.Add);
                return null;
            })
            {
                MayLoseContent = true, // free memory of code may be traps or not be there
            };
        }

        yield return Making("Secret: Allocate", () => SecretMemory.Allocate(100));
        yield return Of("Secret: Conceal", () => SecretMemory.Allocate(100), secret => secret.Conceal());
        yield return Of("Secret: Reveal", () =>
        {
            SecretMemory concealed = SecretMemory.Allocate(100);
            concealed.Conceal();
            return concealed;
        }, secret => secret.Reveal());
    }

    /// <summary>Three pages and a bit of a file, which is gone when the pages are.</summary>
    private static T OfFile<T>(Func<string, T> map) => OfNewFile(path =>
    {
        File.WriteAllBytes(path, [.. Enumerable.Range(0, (3 * (int)Page) + 100).Select(i => (byte)(i * 7))]);
        return map(path);
    });

    private static T OfNewFile<T>(Func<string, T> map)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            return map(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
