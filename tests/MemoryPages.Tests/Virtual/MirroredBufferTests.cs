#pragma warning disable MP1001 // spent objects are used on purpose: what the run time says of them is tested
#pragma warning disable MP1003 // leases are refused, or lost, on purpose
#pragma warning disable MP1005 // owners end and change under views on purpose: what the run time does then is tested
#pragma warning disable MP1007 // allocations are refused, or owners lost, on purpose

namespace MemoryPages.Tests.Reserved;

/// <summary>The same memory twice in a row, as the kernel shows it; and every place of it through views.</summary>
public sealed unsafe class MirroredBufferTests
{
    private static readonly nuint s_page = PageSize.AllocationGranularity; // what rings are rounded to

    [Fact]
    public void What_is_written_to_one_half_is_read_from_the_other()
    {
        using var ring = MirroredBuffer.Create(4 * s_page);
        byte* start = (byte*)Ring.AddressOf(ring);
        for (nuint i = 0; i < ring.Length; i += 61)
        {
            byte value = (byte)(i | 1);
            Volatile.Write(ref start[i], value);
            Assert.Equal(value, Volatile.Read(ref start[ring.Length + i]));
            Volatile.Write(ref start[ring.Length + i], (byte)~value);
            Assert.Equal((byte)~value, Volatile.Read(ref start[i]));
        }
    }

    [Fact]
    public void Both_halves_have_the_same_frames()
    {
        using var ring = MirroredBuffer.Create(8 * s_page);
        ring.Prefault();
        nuint address = Ring.AddressOf(ring);
        ulong[] first = Ring.Frames(address, ring.Length);
        Assert.SkipUnless(first[0] != 0, "The kernel shows frame numbers to CAP_SYS_ADMIN only.");
        Assert.Equal(first, Ring.Frames(address + ring.Length, ring.Length));
        Assert.Equal(8, first.Distinct().Count());
        Assert.DoesNotContain(0ul, first);
    }

    [Fact]
    public void The_kernel_lists_two_mappings_of_one_file_whose_memory_counts_once()
    {
        _ = Needed.File("/proc/self/smaps");
        using var ring = MirroredBuffer.Create(16 * s_page, "ring of sixteen");
        ring.Prefault();
        nuint address = Ring.AddressOf(ring);
        List<SystemMap> regions = SystemMap.Between(address, address + (2 * ring.Length));

        Assert.Equal([(address, address + ring.Length), (address + ring.Length, address + (2 * ring.Length))], regions.Select(region => (region.Start, region.End)));
        Assert.All(regions, region => Assert.Equal("rw-s", region.Access));
        Assert.All(regions, region => Assert.EndsWith("/memfd:ring of sixteen (deleted)", region.Line));
        Assert.Single(regions.Select(region => string.Join(' ', region.Line.Split(' ')[2..5])).Distinct()); // offset, device, inode

        // What each mapping has, and what is the process's share of it: a page that is mapped twice counts half in each.
        Assert.Equal(2 * ring.Length, (nuint)regions.Sum(region => (long)region.Bytes("Rss")));
        Assert.Equal(ring.Length, (nuint)regions.Sum(region => (long)region.Bytes("Pss")));
    }

    [Fact]
    public void No_descriptor_stays_open()
    {
        using var ring = MirroredBuffer.Create(1, "ring-without-descriptor");
        Assert.Equal(2, Ring.MappingsNamed("ring-without-descriptor").Count);
        Assert.Empty(Ring.DescriptorsNamed("ring-without-descriptor"));
    }

    [Fact]
    public void Parts_are_contiguous_for_every_place_around_the_seam()
    {
        using var ring = MirroredBuffer.Create(3 * s_page);
        byte[] model = new byte[ring.Length];
        var noise = new Noise(1);
        for (nuint position = ring.Length - 70; position < ring.Length + 70; position++)
        {
            for (nuint length = 0; length <= 80; length++)
            {
                using (WriteView view = ring.Write(position, length))
                {
                    Assert.Equal(length, view.Length);
                    noise.Fill(view.Span);
                    for (nuint i = 0; i < length; i++)
                    {
                        model[(position + i) % ring.Length] = view[i];
                    }
                }
            }

            using ReadView whole = ring.Read(0, ring.Length);
            Assert.True(whole.Span.SequenceEqual(model));
        }
    }

    [Fact]
    public void The_whole_ring_is_one_view_from_every_place()
    {
        using var ring = MirroredBuffer.Create(s_page);
        byte[] model = new byte[ring.Length];
        new Noise(2).Fill(model);
        using (WriteView view = ring.Write(0, ring.Length))
        {
            model.CopyTo(view.Span);
        }

        for (nuint position = 0; position <= ring.Length; position++)
        {
            using ReadView view = ring.Read(position, ring.Length);
            int turned = (int)(position % ring.Length);
            Assert.True(view.Span[..^turned].SequenceEqual(model.AsSpan(turned)) && view.Span[^turned..].SequenceEqual(model.AsSpan(0, turned)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void Positions_count_modulo_the_length(int pages)
    {
        using var ring = MirroredBuffer.Create((nuint)pages * s_page);
        nuint last = nuint.MaxValue - (nuint.MaxValue % ring.Length); // the start of a turn that does not overflow for any length
        foreach (nuint position in new[] { ring.Length, (7 * ring.Length) + 5, last - 1, last - ring.Length + 9, nuint.MaxValue })
        {
            using (WriteView view = ring.Write(position, 2))
            {
                view[0] = 11;
                view[1] = 22;
            }

            nuint place = position % ring.Length;
            using ReadView read = ring.Read(0, ring.Length);
            Assert.Equal(11, read[place]);
            Assert.Equal(22, read[(place + 1) % ring.Length]);
        }
    }

    /// <summary>2^64 is a whole number of turns then.</summary>
    [Fact]
    public void A_counter_that_overflows_goes_on_in_the_right_place_where_the_length_is_a_power_of_two()
    {
        using var ring = MirroredBuffer.Create(s_page);
        nuint counter = nuint.MaxValue - 9;
        for (byte i = 0; i < 20; i++, counter++)
        {
            using WriteView view = ring.Write(counter, 1);
            view[0] = i;
        }

        using ReadView written = ring.Read(unchecked(counter - 20), 20);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (byte)i), written.Span.ToArray());
    }

    [Fact]
    public void More_than_the_ring_is_refused_and_leaves_no_lease()
    {
        using var ring = MirroredBuffer.Create(s_page);
        foreach (nuint length in new[] { ring.Length + 1, 2 * ring.Length, nuint.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => ring.Read(0, length));
            Assert.Throws<ArgumentOutOfRangeException>(() => ring.Write(nuint.MaxValue, length));
        }

        Assert.Equal(0, ring.LeaseCount);
        using ReadView view = ring.Read(nuint.MaxValue, ring.Length);
        Assert.Equal(1, ring.LeaseCount);
    }

    [Fact]
    public void The_length_is_rounded_up_to_whole_pages()
    {
        foreach ((nuint wished, nuint length) in new[] { (1u, s_page), (s_page, s_page), (s_page + 1, 2 * s_page), ((5 * s_page) - 1, 5 * s_page) })
        {
            using var ring = MirroredBuffer.Create(wished);
            Assert.Equal(length, ring.Length);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => MirroredBuffer.Create(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => MirroredBuffer.TryCreate(0, out _));
    }

    [Fact]
    public void Lengths_that_no_address_space_holds_are_refused()
    {
        foreach (nuint length in new[] { nuint.MaxValue, (nuint.MaxValue / 2) + 1, nuint.MaxValue / 2, (nuint.MaxValue / 2) - s_page, (nuint)1 << 62, (nuint)1 << 56 })
        {
            MemoryPagesException told = Assert.Throws<MemoryPagesException>(() => MirroredBuffer.Create(length, "ring-too-long"));
            Assert.Equal(ErrorReason.AddressSpaceLimit, told.Reason);
            Assert.Equal("Create", told.Operation);
            Assert.False(MirroredBuffer.TryCreate(length, out MirroredBuffer? none, "ring-too-long"));
            Assert.Null(none);
        }

        Ring.AssertNothingLeft("ring-too-long");
    }

    [Fact]
    public void A_ring_of_more_than_two_gibibytes_is_reached_everywhere()
    {
        using var ring = MirroredBuffer.Create((nuint)3 << 30);
        using (WriteView view = ring.Write(ring.Length - 1, ring.Length))
        {
            view[0] = 1;
            view[1] = 2;
            view[ring.Length - 1] = 3;
            Assert.Throws<InvalidOperationException>(() => Span(ring));
        }

        Assert.Equal(2 * PageSize.Base, ring.CountResidentBytes()); // the last page and, through the second half, the first
        using ReadView seam = ring.Read(ring.Length - 2, 3);
        Assert.Equal([3, 1, 2], seam.Span.ToArray());

        static int Span(MirroredBuffer ring)
        {
            using ReadView view = ring.Read(0, ring.Length);
            return view.Span.Length;
        }
    }

    [Fact]
    public void Thousands_of_rings_leave_nothing()
    {
        for (int i = 0; i < 100; i++)
        {
            MirroredBuffer.Create(s_page, "ring-of-many").Dispose();
        }

        int mappings = SystemMap.Count();
        for (int i = 0; i < 5000; i++)
        {
            using var ring = MirroredBuffer.Create(s_page, "ring-of-many");
            using WriteView view = ring.Write(s_page - 1, 2);
            view.Span.Fill(1);
        }

        Ring.AssertNothingLeft("ring-of-many");
        Assert.InRange(SystemMap.Count(), 0, mappings + 1000); // the runtime maps too, but not ten thousand times
    }

    [Fact]
    public void Disposing_while_leased_refuses_new_use_and_unmaps_when_the_last_view_ends()
    {
        var ring = MirroredBuffer.Create(s_page, "ring-leased");
        using (ReadView outer = ring.Read(0, 1))
        {
            using (WriteView view = ring.Write(s_page - 1, 2))
            {
                Assert.Equal(2, ring.LeaseCount);
                ring.Dispose();
                ring.Dispose();
                Assert.Throws<ObjectDisposedException>(() => ring.Read(0, 1));
                Assert.Throws<ObjectDisposedException>(() => ring.Write(0, 0));
                Assert.Throws<ObjectDisposedException>(ring.Prefault);
                Assert.Throws<ObjectDisposedException>(ring.Lock);
                Assert.Throws<ObjectDisposedException>(ring.Unlock);
                Assert.Throws<ObjectDisposedException>(() => ring.CountResidentBytes());
                view[1] = 77;
            }

            Assert.Equal(77, outer[0]);
            Assert.Equal(2, Ring.MappingsNamed("ring-leased").Count);
        }

        Ring.AssertNothingLeft("ring-leased");
    }

    [Theory]
    [InlineData(null, "MemoryPages")]
    [InlineData("", "")]
    [InlineData("a name/with: Ünicode", "a name/with: Ünicode")]
    [InlineData("cut here\0not shown", "cut here")]
    public void The_name_is_the_files_in_the_list_of_mappings(string? name, string shown)
    {
        using var ring = MirroredBuffer.Create(1, name);
        Assert.Equal(name, ring.Name);
        Assert.EndsWith($"/memfd:{shown} (deleted)", SystemMap.At(Ring.AddressOf(ring))!.Line);
    }

    [Fact]
    public void A_name_that_is_too_long_is_cut_between_characters()
    {
        using var ring = MirroredBuffer.Create(1, string.Concat(Enumerable.Repeat("日", 300)));
        Assert.EndsWith($"/memfd:{string.Concat(Enumerable.Repeat("日", 83))} (deleted)", SystemMap.At(Ring.AddressOf(ring))!.Line);
    }
}
