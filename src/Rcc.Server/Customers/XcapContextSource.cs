using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using Rcc.Contracts.Customers;
using Rcc.Core;
using Rcc.Core.Customers;

namespace Rcc.Server.Customers;

/// <summary>
/// Reads a customer's profile from a Shared Profile XDMS by XCAP (RFC 4825): a GET for each of its sip and tel addresses until one has a document. A document that was read before is asked for by its ETag.
/// </summary>
internal sealed class XcapContextSource(LookupHttp http, IOptions<CustomerOptions> options, SealedSecrets secrets) : IContextSource
{
    const int MaxETagLength = 200;

    public LookupOrigin Origin => LookupOrigin.Profile;

    public async Task<LookupResult> LookUpAsync(LookupQuestion question, CancellationToken cancellationToken)
    {
        var server = question.Where.Profile!;
        ICredentials? credentials = null;
        if (server.Username is not null)
        {
            if (server.OpenPassword(secrets, question.Tenant) is not { } password)
            {
                return LookupResult.Failed(LookupFailure.SecretLost);
            }

            credentials = CredentialsOf(server, server.Username, password);
        }

        return await http.AskAsync(
            credentials,
            async (client, soon) =>
            {
                foreach (var user in UsersOf(question.Contact))
                {
                    if (await ReadAsync(client, server, user, question.Contact.Profile?.Document, soon) is { } result)
                    {
                        return result;
                    }
                }

                return new();
            },
            cancellationToken);
    }

    /// <summary>What the XDMS may know the customer as: SIP addresses first, as they were added.</summary>
    IEnumerable<string> UsersOf(ContactRecord contact) => contact.Addresses.OrderBy(address => address.Kind == AddressKind.Sip ? 0 : 1)
        .Select(address => UserProfile.XuiOf(address.Kind, address.Value)).OfType<string>().Take(options.Value.MaxProfileAddresses);

    /// <summary>Null when the user has no document.</summary>
    async Task<LookupResult?> ReadAsync(HttpClient client, ProfileServer server, string user, DocumentVersion? before, CancellationToken cancellationToken)
    {
        var url = UserProfile.UrlOf(server.Root, user);
        var known = string.Equals(before?.Url, url, StringComparison.Ordinal) ? before : null;
        using var request = Ask(url, server, known);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => await UnderstandAsync(response, url, user, cancellationToken),
            HttpStatusCode.NotModified when known is not null => new() { IsUnchanged = true, Document = known },
            HttpStatusCode.NotFound or HttpStatusCode.Gone => null,
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => LookupResult.Failed(LookupFailure.NotAuthorized),
            _ => LookupResult.Failed(LookupFailure.Status),
        };
    }

    async Task<LookupResult> UnderstandAsync(HttpResponseMessage response, string url, string user, CancellationToken cancellationToken)
    {
        if (!string.Equals(response.Content.Headers.ContentType?.MediaType, UserProfile.MediaType, StringComparison.OrdinalIgnoreCase))
        {
            return LookupResult.Failed(LookupFailure.Malformed);
        }

        if (await http.ReadAsync(response.Content, cancellationToken) is not { } xml)
        {
            return LookupResult.Failed(LookupFailure.TooLarge);
        }

        if (UserProfile.Read(xml, user) is not { } found)
        {
            return LookupResult.Failed(LookupFailure.Malformed);
        }

        return found.Any(value => Encoding.UTF8.GetByteCount(value.Json) > options.Value.MaxContextValueBytes)
            ? LookupResult.Failed(LookupFailure.TooLarge)
            : new() { Found = found, Document = response.Headers.ETag?.ToString() is { Length: <= MaxETagLength } etag ? new(url, etag) : null };
    }

    static HttpRequestMessage Ask(string url, ProfileServer server, DocumentVersion? known)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { { "Accept", UserProfile.MediaType } } };
        if (known is not null)
        {
            request.Headers.Add("If-None-Match", known.ETag);
        }

        if (server.AssertedIdentity is { } identity)
        {
            request.Headers.Add("X-XCAP-Asserted-Identity", $"\"{identity}\"");
            request.Headers.Add("X-3GPP-Asserted-Identity", $"\"{identity}\"");
        }

        return request;
    }

    /// <summary>By Digest (RFC 7616), which every XCAP server has, or Basic (RFC 7617), whose user has no colon. No other way in is tried.</summary>
    static CredentialCache CredentialsOf(ProfileServer server, string username, string password)
    {
        var (root, credential) = (new Uri(server.Root), new NetworkCredential(username, password));
        var credentials = new CredentialCache { { root, "Digest", credential } };
        if (!username.Contains(':', StringComparison.Ordinal))
        {
            credentials.Add(root, "Basic", credential);
        }

        return credentials;
    }
}
