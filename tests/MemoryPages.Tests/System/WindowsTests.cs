using System.Reflection;
using MemoryPages.Platform.Windows.Native;
using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests.Effects;

/// <summary>What is Windows' own way, or its own refusal: docs/systems.md.</summary>
public sealed class WindowsTests
{
    public WindowsTests() => Assert.SkipUnless(OperatingSystem.IsWindows(), "needs Windows, or Wine");

    [Fact]
    public void Discarded_pages_read_zero_and_keep_their_protection()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(16 * Page);
        Pattern.Fill(pages);
        ReleaseFacts facts = pages.Discard(new PageRange(Page, 8 * Page));
        Assert.Equal((new PageRange(Page, 8 * Page), true, false), (facts.Range, facts.ReadsZero, facts.ChargeReleased));
        Assert.Equal("rw-p", AccessOf(pages));
        Assert.DoesNotContain(true, SystemMap.Present(AddressOf(pages) + Page, 8 * Page));
        Assert.Equal((Pattern.At(0), Pattern.At(9 * Page)), (pages.Read<byte>(0), pages.Read<byte>(9 * Page)));
        using ReadView view = pages.Read(new PageRange(Page, 8 * Page));
        Assert.Equal(-1, view.Span.IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void What_is_left_of_offered_pages_is_told_by_the_byte()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(32 * Page);
        Pattern.Fill(pages);
        _ = pages.Offer();
        pages.Write(5 * Page, (byte)9);
        nuint lost = pages.Reclaim();
        using ReadView view = pages.Read();
        nuint zeros = 0;
        for (nuint page = 0; page < 32 * Page; page += Page)
        {
            zeros += view.Span.Slice((int)page, (int)Page).ContainsAnyExcept((byte)0) ? 0 : Page;
        }

        Assert.Equal(zeros, lost);
        Assert.Equal(9, view[5 * Page]);
    }

    [Fact]
    public void Prefaulting_makes_the_pages_of_the_range_present_and_no_others()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(300 * Page);
        pages.Write(7 * Page, (byte)5);
        pages.Prefault(new PageRange((6 * Page) + 1, 200 * Page));
        bool[] present = SystemMap.Present(AddressOf(pages), pages.Length);
        Assert.Equal(Enumerable.Range(0, 300).Select(page => page is >= 6 and <= 206), present);
        Assert.Equal(201 * Page, pages.CountResidentBytes());
        Assert.Equal(5, pages.Read<byte>(7 * Page));
    }

    [Fact]
    public void Locked_pages_are_resident_and_unlocking_what_is_not_locked_is_legal()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(64 << 20);
        pages.Lock();
        Assert.DoesNotContain(false, SystemMap.Present(AddressOf(pages), pages.Length));
        Assert.Equal(pages.Length, pages.CountResidentBytes());
        pages.Unlock(new PageRange(Page, Page));
        pages.Unlock();
        pages.Unlock();
        var refused = Assert.Throws<MemoryPagesException>(() => pages.Lock(LockMode.OnFault));
        Assert.Equal(ErrorReason.NotSupported, refused.Reason);
        Assert.Contains("OnFault", refused.Hint);
    }

    /// <summary>The working set knows of addresses, of which a ring has two for each byte.</summary>
    [Fact]
    public void A_page_of_a_ring_counts_once_through_whichever_half_it_was_touched()
    {
        using var ring = MirroredBuffer.Create(16 * Page);
        using (WriteView across = ring.Write(ring.Length - 1, 2 * Page))
        {
            Assert.Equal(0u, ring.CountResidentBytes());
            across[Page] = 1; // in the second half: the ring's first page
        }

        Assert.Equal(Page, ring.CountResidentBytes());
        using (WriteView view = ring.Write(0, ring.Length))
        {
            Assert.Equal(1, view[Page - 1]);
            view[0] = 1;
            view[5 * Page] = 1;
        }

        Assert.Equal(2 * Page, ring.CountResidentBytes());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void One_node_can_be_preferred_when_memory_is_allocated_and_in_no_other_way(int alignment)
    {
        AllocationOptions wished = new() { NumaPolicy = NumaPolicy.Prefer(0), Alignment = (nuint)alignment };
        using Pages<ReadWrite> pages = Pages.Allocate(8 * Page, wished);
        pages.Write(0, 1L);
        Assert.Equal("rw-p", AccessOf(pages));
        foreach (Action use in (Action[])[
            () => pages.SetNumaPolicy(NumaPolicy.Prefer(0)), () => Pages.Allocate(Page, new() { NumaPolicy = NumaPolicy.Bind(0) }).Dispose()])
        {
            MemoryPagesException refused = Assert.Throws<MemoryPagesException>(use);
            Assert.Equal(ErrorReason.NotSupported, refused.Reason);
            Assert.Contains("NumaPolicy.Prefer(node)", refused.Hint);
        }
    }

    /// <summary>Why surviving is not on offer: nobody can shorten the file.</summary>
    [Fact]
    public void A_mapped_file_cannot_be_cut_off_and_surviving_that_is_refused()
    {
        using var file = new Files.TempFile(4 * Page);
        Assert.False(Pages.TruncationSurvivalSupported);
        Assert.Contains("Windows", Assert.Throws<PlatformNotSupportedException>(() => Pages.Map(file.Path, new() { SurviveTruncation = true })).Message);
        using Pages<ReadOnly> pages = Pages.Map(file.Path);
        Assert.Throws<IOException>(() => file.Resize(Page));
        Assert.Equal(Pattern.At((4 * Page) - 1), pages.Read<byte>((4 * Page) - 1));
    }

    [Fact]
    public void A_tail_that_was_given_back_keeps_its_addresses_and_no_access()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(8 * Page);
        Pattern.Fill(pages);
        nuint address = AddressOf(pages);
        pages.Resize(3 * Page);
        Assert.Equal("rw-p", AccessAt(address, 3 * Page));
        Assert.Equal("---p", AccessAt(address + (3 * Page), 5 * Page));
        var refused = Assert.Throws<MemoryPagesException>(() => pages.Resize(4 * Page));
        Assert.Equal((ErrorReason.NotSupported, "Resize"), (refused.Reason, refused.Operation));
        Assert.Equal(Pattern.At(2 * Page), pages.Read<byte>(2 * Page));
    }

    [Fact]
    public void Growing_elsewhere_takes_content_along_and_leaves_nothing()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(8 * Page);
        Pattern.Fill(pages);
        nuint before = AddressOf(pages);
        pages.Resize(400 * Page, mayMove: true);
        Assert.Null(SystemMap.At(before));
        Assert.Equal("rw-p", AccessOf(pages));
        Assert.Equal((Pattern.At(0), Pattern.At((8 * Page) - 1)), (pages.Read<byte>(0), pages.Read<byte>((8 * Page) - 1)));
        Assert.Equal(0, pages.Read<byte>(399 * Page));
    }

    [Fact]
    public void A_secret_is_locked_between_guards_and_not_hidden()
    {
        using SecretMemory secret = SecretMemory.Allocate(Page + 1);
        Assert.Equal(SecretProtection.Locked | SecretProtection.NotForked | SecretProtection.Guarded, secret.Protection);
        Assert.False(SecretMemory.HidingSupported);
    }

    [Fact]
    public void Large_pages_are_had_or_the_privilege_for_them_is_named()
    {
        Assert.SkipWhen(PageSize.Huge.IsEmpty, "needs large pages: GetLargePageMinimum says 0");
        try
        {
            using Pages<ReadWrite> pages = Pages.Allocate(1, new() { HugePages = HugePages.Explicit(PageSize.Huge[0]) });
            Assert.Equal(PageSize.Huge[0], pages.Length);
        }
        catch (MemoryPagesException refused)
        {
            Assert.Equal(ErrorReason.NoHugePages, refused.Reason);
            Assert.True(refused.NativeCall != "AdjustTokenPrivileges" || refused.Hint!.Contains("SeLockMemoryPrivilege"), refused.Message);
        }
    }

    [Fact]
    public void Advice_that_the_system_does_not_have_is_not_supported_and_refused()
    {
        using Pages<ReadWrite> pages = Pages.Allocate(Page);
        foreach (Advice advice in Enum.GetValues<Advice>())
        {
            if (advice.IsSupported)
            {
                pages.Advise(advice);
                continue;
            }

            Assert.Equal(ErrorReason.NotSupported, Assert.Throws<MemoryPagesException>(() => pages.Advise(advice)).Reason);
        }

        Assert.Equal(
            [Advice.Normal, Advice.WillNeed, Advice.PopulateRead, Advice.PopulateWrite], Enum.GetValues<Advice>().Where(advice => advice.IsSupported));
    }

    [Fact]
    public void A_mapped_file_is_not_made_shorter_and_grows_by_being_mapped_anew()
    {
        using var folder = new Files.TempFolder();
        using (Pages<ReadWrite> pages = Pages.MapShared(folder.File, 3 * Page))
        {
            Pattern.Fill(pages);
            var refused = Assert.Throws<MemoryPagesException>(() => pages.Resize(Page));
            Assert.Equal((ErrorReason.NotSupported, "ERROR_USER_MAPPED_FILE"), (refused.Reason, refused.ErrorSymbol));
            Assert.Equal(3 * Page, pages.Length);
            pages.Resize((90 * Page) + 5, mayMove: true);
            Assert.Equal((long)((90 * Page) + 5), new FileInfo(folder.File).Length);
            Assert.Equal((Pattern.At((3 * Page) - 1), 0), (pages.Read<byte>((3 * Page) - 1), pages.Read<byte>(3 * Page)));
            pages.Write(90 * Page, (byte)7);
            pages.Flush(level: FlushLevel.Durable);
        }

        Assert.Equal(7, File.ReadAllBytes(folder.File)[(int)(90 * Page)]);
    }

    [Fact]
    public void A_durable_flush_of_a_part_reaches_the_file()
    {
        using var file = new Files.TempFile(5 * Page);
        using Pages<ReadWrite> pages = Pages.MapShared(file.Path, new() { Offset = (long)Page + 3, Length = Page });
        pages.Write(11, (byte)201);
        pages.Flush(new PageRange(11, 1), FlushLevel.Durable);
        using var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = (long)Page + 14;
        Assert.Equal(201, stream.ReadByte());
    }
}

/// <summary>The names of Windows' errors, which every system can check.</summary>
public sealed class WindowsErrorTests
{
    [Fact]
    public void Every_error_that_is_known_has_its_name()
    {
        FieldInfo[] errors = [.. typeof(Win32Error).GetFields().Where(field => field.IsLiteral)];
        Assert.NotEmpty(errors);
        Assert.All(errors, error => Assert.Equal(error.Name, Win32Error.Symbol((int)error.GetRawConstantValue()!)));
        Assert.Equal("a Win32 error", Win32Error.Symbol(-1));
    }
}
