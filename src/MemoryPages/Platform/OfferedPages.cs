namespace MemoryPages.Platform;

/// <summary>What is left of memory that the system was allowed to take: for systems that do not say which pages they took.</summary>
internal static class OfferedPages
{
    /// <summary>
    /// A page is taken whole and reads zero then, and any write keeps it. So of each page one word that is not zero is written back by
    /// compare-and-swap: if it is still there afterwards, so is the whole page, for good. A page of zeros counts as lost: its content, if it was
    /// anything else, is.
    /// </summary>
    /// <returns>Bytes, in whole pages, that hold nothing any more.</returns>
    public static unsafe nuint KeepLeft(nuint address, nuint length, nuint pageSize)
    {
        nuint lost = 0;
        nuint wordsPerPage = pageSize / sizeof(ulong);
        for (nuint page = address; page != address + length; page += pageSize)
        {
            ulong* words = (ulong*)page;
            nuint i = 0;
            while (i < wordsPerPage && Volatile.Read(ref words[i]) == 0)
            {
                i++;
            }

            ulong kept = i < wordsPerPage ? words[i] : 0;
            ulong* word = kept == 0 ? words : words + i;
            if (Interlocked.CompareExchange(ref *word, kept, kept) == 0)
            {
                lost += pageSize;
            }
        }

        return lost;
    }
}
