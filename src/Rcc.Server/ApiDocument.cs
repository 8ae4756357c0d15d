using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Rcc.Server.Access;

namespace Rcc.Server;

/// <summary>The OpenAPI 3.1 document of the REST API.</summary>
internal static class ApiDocument
{
    public const string Name = "v1";

    const string Bearer = "bearer";
    const string Key = CallerAuthentication.KeyHeader;

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi(Name, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new()
            {
                Title = "Rcc",
                Version = Name,
                Description = "The contact centre's REST API. Devices (desks, widgets) use the SignalR hub /hubs/v1/device, which pushes what this API only lists. "
                    + "Errors are problem details (RFC 9457) whose code is stable. Lists are paged by next_cursor. POSTs may carry an Idempotency-Key.",
            };
            document.Components ??= new();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = Bearer, Description = "A session (agent, contact, operator) or an access token." },
                [Key] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = Key, Description = "The same, in a header of its own." },
            };
            return Task.CompletedTask;
        });
        options.CreateSchemaReferenceId = type => IsWord(type.Type) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (IsWord(context.JsonTypeInfo.Type)) DeclareWord(schema, context.JsonTypeInfo.Type);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            DeclareAccount(operation, context.Description.RelativePath);
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any()) return Task.CompletedTask;
            operation.Security =
            [
                new() { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] },
                new() { [new OpenApiSecuritySchemeReference(Key, context.Document)] = [] },
            ];
            return Task.CompletedTask;
        });
    });

    static bool IsWord(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is { IsGenericType: true } generic && generic.GetGenericTypeDefinition() == typeof(Word<>);

    /// <summary>In a query or path a word stands by itself.</summary>
    static void DeclareWord(OpenApiSchema schema, Type type)
    {
        schema.Type = JsonSchemaType.String;
        schema.Properties?.Clear();
        schema.Required?.Clear();
        schema.Enum = [.. Enum.GetNames((Nullable.GetUnderlyingType(type) ?? type).GetGenericArguments()[0]).Select(name => JsonValue.Create(JsonNamingPolicy.SnakeCaseLower.ConvertName(name)))];
    }

    /// <summary>The account of a path is checked for all endpoints at once, so no handler has it as a parameter.</summary>
    static void DeclareAccount(OpenApiOperation operation, string? path)
    {
        if (path?.Contains($"{{{AccountOfPath.Parameter}:", StringComparison.Ordinal) != true
            || operation.Parameters?.Any(p => string.Equals(p.Name, AccountOfPath.Parameter, StringComparison.Ordinal)) == true)
        {
            return;
        }

        operation.Parameters ??= [];
        operation.Parameters.Insert(0, new OpenApiParameter
        {
            Name = AccountOfPath.Parameter,
            In = ParameterLocation.Path,
            Required = true,
            Description = "The caller's own account; any other is not found.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" },
        });
    }
}
