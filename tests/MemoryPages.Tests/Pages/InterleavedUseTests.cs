using System.Collections.Concurrent;
using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

/// <summary>
/// Threads that use pages while their owner changes and ends them. Each round is a fixed number of steps, in whatever order the machine gives; a
/// fault would end the test run itself.
/// </summary>
public sealed class InterleavedUseTests
{
    private const int Users = 3;
    private const long Mark = 0x5EED_0000_0000;

    [Fact]
    public void Users_see_written_values_or_documented_exceptions_whatever_the_owner_does()
    {
        for (int round = 0; round < 15; round++)
        {
            var shared = new Shared(AllocateLonely(4 * Page));
            nuint address = AddressOf(shared.ReadWrite!);
            int seed = round;
            ConcurrencyTests.InParallel(
            [
                () =>
                {
                    Own(shared, seed);
                    shared.Stopped = true;
                },
                .. Enumerable.Range(0, Users).Select<int, Action>(i => () => Use(shared, i)),
            ]);

            Assert.Empty(shared.Wrong);
            if (shared.ReadOnly is { IsUsable: true } readOnly)
            {
                Assert.Equal(0, readOnly.LeaseCount);
                readOnly.Dispose();
            }

            if (shared.ReadWrite is { IsUsable: true } readWrite)
            {
                Assert.Equal(0, readWrite.LeaseCount);
                readWrite.Dispose();
            }

            Assert.False(IsMapped(address));
        }
    }

    private static void Use(Shared shared, int user)
    {
        for (int i = 0; !shared.Stopped || i < 100; i++)
        {
            nuint place = (nuint)(((i * 8) + (user * 64)) % (int)Page);
            try
            {
                switch ((i + user) % 5)
                {
                    case 0:
                        shared.ReadWrite?.Write(place, Mark + i);
                        break;
                    case 1:
                        Check(shared.ReadWrite?.Read<long>(place) ?? 0);
                        break;
                    case 2:
                        Check(shared.ReadOnly?.Read<long>(place) ?? 0);
                        break;
                    case 3 when shared.ReadOnly is { } pages:
                        using (ReadView view = pages.Read(new(0, Page)))
                        {
                            Check(view.Elements<long>()[(int)(place / 8)]);
                        }

                        break;
                    case 4 when shared.ReadWrite is { } pages:
                        using (WriteView view = pages.Write())
                        {
                            view.Elements<long>()[(int)(place / 8)] = Mark + i;
                            view[view.Length - 1] = 0;
                        }

                        break;
                    default:
                        break;
                }
            }
            catch (Exception e) when (e is InvalidOperationException) // ObjectDisposedException is one
            {
                continue;
            }
            catch (Exception e)
            {
                shared.Wrong.Enqueue(e.ToString());
            }
        }

        void Check(long value)
        {
            if (value != 0 && (value & ~0xFFFF_FFFFL) != Mark)
            {
                shared.Wrong.Enqueue($"0x{value:x} was never written");
            }
        }
    }

    private static void Own(Shared shared, int seed)
    {
        uint random = (uint)seed + 1;
        for (int i = 0; i < 300; i++)
        {
            random = (random * 1664525) + 1013904223;
            try
            {
                switch ((random >> 16) % 6)
                {
                    case 0 when shared.ReadWrite is { IsUsable: true } pages:
                        shared.ReadOnly = pages.DenyWrite();
                        break;
                    case 1 when shared.ReadOnly is { IsUsable: true } pages:
                        shared.ReadWrite = pages.AllowWrite();
                        break;
                    case 2:
                        shared.ReadWrite?.Discard();
                        break;
                    case 3:
                        shared.ReadWrite?.Resize((1 + (random % 7)) * Page, mayMove: true);
                        break;
                    case 4 when i > 200 && random % 64 == 0:
                        shared.ReadWrite?.Dispose();
                        break;
                    case 5 when shared.ReadWrite is { } pages:
                        using (ProtectionScope<ReadOnly> scope = pages.ProtectScope<ReadOnly>(new(0, 1)))
                        using (ReadView view = scope.Read())
                        {
                            _ = view[0];
                        }

                        break;
                    default:
                        Thread.Yield();
                        break;
                }
            }
            catch (InvalidOperationException)
            {
                // leased, or spent
            }
        }
    }

    private sealed class Shared(Pages<ReadWrite> pages)
    {
        public volatile Pages<ReadWrite>? ReadWrite = pages;
        public volatile Pages<ReadOnly>? ReadOnly;
        public volatile bool Stopped;

        public ConcurrentQueue<string> Wrong { get; } = [];
    }
}
