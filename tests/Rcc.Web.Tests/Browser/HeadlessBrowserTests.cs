using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Rcc.Web.Tests.Browser;

public class HeadlessBrowserTests
{
    // The characters drawn as nothing, or as the box that stands for a character no font has.
    const string MissingCharacters = """
        text => {
            const pixels = character => {
                const canvas = document.createElement('canvas');
                canvas.width = canvas.height = 48;
                const context = canvas.getContext('2d', { willReadFrequently: true });
                context.font = '32px sans-serif';
                context.fillText(character, 4, 36);
                return context.getImageData(0, 0, 48, 48).data.join();
            };
            const none = new Set([pixels(' '), pixels('\u{10FFFE}'), pixels('\u{0378}')]);
            return [...new Intl.Segmenter().segment(text)]
                .map(part => part.segment)
                .filter(part => part.trim() !== '' && none.has(pixels(part)))
                .join('');
        }
        """;

    static readonly string[] Greetings =
    [
        "Good morning, how can I help?",
        "Grüße aus Köln – größer, schöner",
        "Ça va très bien, merci à vous",
        "¿Qué tal, señor Núñez?",
        "مرحبا كيف حالك",
        "你好世界,谢谢",
        "こんにちは、東京のお客様",
        "안녕하세요 고객님",
        "नमस्ते आप कैसे हैं",
        "😀👍🏽❤️🎉🇩🇪",
    ];

    [Fact]
    public async Task A_served_page_shows_every_language_of_the_demo()
    {
        await using var browser = await HeadlessBrowser.StartAsync();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        await using var site = builder.Build();
        site.Urls.Add("http://127.0.0.1:0");
        site.MapGet("/", () => Results.Content(
            $"<!doctype html><meta charset=utf-8><title>Greetings</title>{string.Concat(Greetings.Select(text => $"<p>{text}</p>"))}", "text/html"));
        await site.StartAsync();
        var page = await browser.Browser.NewPageAsync();

        var response = await page.GotoAsync(site.Urls.Single());

        Assert.Equal(200, response!.Status);
        Assert.Equal(Greetings, await page.Locator("p").AllInnerTextsAsync());
        Assert.Equal("\u0378", await page.EvaluateAsync<string>(MissingCharacters, "\u0378"));
        Assert.Equal("", await page.EvaluateAsync<string>(MissingCharacters, string.Concat(Greetings)));
        var picture = await page.ScreenshotAsync(new PageScreenshotOptions { FullPage = true, Path = Path.Combine(AppContext.BaseDirectory, "greetings.png") });
        Assert.True(picture.Length > 10_000, $"The picture has {picture.Length} bytes; so little shows an empty page.");
    }
}
