using System.Net;

namespace Rcc.Server.Tests;

/// <summary>Archives of accounts, through the platform operator's door.</summary>
internal static class Archives
{
    /// <param name="platform">The operator's.</param>
    /// <param name="archive">The archive.</param>
    /// <param name="query">How it is to be taken in.</param>
    public static Task<ApiAnswer> ImportAsync(Api platform, byte[] archive, string query = "") =>
        platform.SendAsync(HttpMethod.Post, $"/platform/api/v1/accounts/import{query}", new ApiBytes(archive, "application/gzip"));

    public static async Task<byte[]> ExportAsync(Api platform, Guid account)
    {
        var (answer, archive) = await platform.DownloadAsync($"/platform/api/v1/accounts/{account}/export");
        Assert.Equal((HttpStatusCode.OK, "application/gzip"), (answer.Status, answer.MediaType));
        return archive;
    }
}
