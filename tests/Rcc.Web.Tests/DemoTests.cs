using Microsoft.Playwright;
using Rcc.Web.Tests.Browser;
using static Microsoft.Playwright.Assertions;

namespace Rcc.Web.Tests;

/// <summary>The demo as its visitors see it: a customer and two devices of one agent in one real browser, on the real server.</summary>
public sealed class DemoTests : IDisposable
{
    readonly string dataFolder = Directory.CreateTempSubdirectory("rcc-demo-").FullName;

    [Fact]
    [Trait("Catalogue", "RCC-3")]
    [Trait("Catalogue", "RCC-4")]
    [Trait("Catalogue", "RCC-6")]
    [Trait("Catalogue", "RCC-7")]
    [Trait("Catalogue", "SYNC-13")]
    [Trait("Catalogue", "STOR-22")]
    public async Task A_message_written_on_one_device_is_on_the_others_and_a_device_that_was_away_catches_up()
    {
        await using var server = await DemoServer.StartAsync(dataFolder, TestContext.Current.CancellationToken);
        await using var browser = await HeadlessBrowser.StartAsync(TestContext.Current.CancellationToken);
        var page = await OpenAsync(browser, server);
        var (customer, desk, phone) = (Pane(page, 0), Pane(page, 1), Pane(page, 2));

        await WriteAsync(customer, "Guten Tag! My parcel still has not come. 包裹还没到。");
        await Expect(Messages(desk).Last).ToContainTextAsync("包裹还没到。");
        await Expect(Messages(phone).Last).ToContainTextAsync("包裹还没到。");

        await Text(desk).FillAsync("Good morning, I am looking");
        await Expect(Text(phone)).ToHaveValueAsync("Good morning, I am looking");
        await WriteAsync(desk, "Good morning, I am looking into it.");
        await Expect(Messages(customer).Last).ToContainTextAsync("I am looking into it.");
        await Expect(Messages(phone).Last).ToContainTextAsync("I am looking into it.");
        await Expect(Text(phone)).ToHaveValueAsync("");

        await Switch(phone).UncheckAsync();
        await Expect(phone).ToHaveAttributeAsync("data-phase", "offline");
        await WriteAsync(customer, "Danke! Order 4711, नमस्ते from Mira 😀");
        await Expect(Messages(desk).Last).ToContainTextAsync("4711");
        await WriteAsync(phone, "Written on the train, sent later.");
        await Expect(Messages(phone).Last).ToContainTextAsync("waiting");
        await Expect(Messages(phone).Filter(new() { HasText = "4711" })).ToHaveCountAsync(0);
        await WriteAsync(desk, "It will be there tomorrow.");
        await Expect(Messages(customer).Last).ToContainTextAsync("tomorrow");
        await page.ScreenshotAsync(new() { Path = PicturePath("demo-offline.png") });

        await Switch(phone).CheckAsync();
        await Expect(phone).ToHaveAttributeAsync("data-phase", "live");
        foreach (var pane in new[] { customer, desk, phone })
        {
            await Expect(Messages(pane).Filter(new() { HasText = "Written on the train" })).ToHaveCountAsync(1);
            await Expect(Messages(pane)).ToHaveCountAsync(5);
        }

        var order = await BubblesAsync(customer);
        Assert.Equal(order, await BubblesAsync(desk));
        Assert.Equal(order, await BubblesAsync(phone));

        await Text(customer).FocusAsync();
        await Expect(Messages(desk).Filter(new() { HasText = "Written on the train" })).ToContainTextAsync("read");
        await page.ScreenshotAsync(new() { Path = PicturePath("demo.png") });

        await desk.GetByRole(AriaRole.Button, new() { Name = "Resolve", Exact = true }).ClickAsync();
        await Expect(phone).ToContainTextAsync("Resolved");
        await Expect(customer).ToContainTextAsync("Resolved");
    }

    [Fact]
    [Trait("Catalogue", "RCC-6")]
    public async Task A_second_start_after_a_kill_finds_everything_again()
    {
        await using var browser = await HeadlessBrowser.StartAsync(TestContext.Current.CancellationToken);
        await using (var first = await DemoServer.StartAsync(dataFolder, TestContext.Current.CancellationToken))
        {
            var page = await OpenAsync(browser, first);
            await WriteAsync(Pane(page, 0), "Kept through a kill.");
            await Expect(Messages(Pane(page, 1)).Last).ToContainTextAsync("Kept through a kill.");
            await page.CloseAsync();
            await first.KillAsync();
        }

        await using var second = await DemoServer.StartAsync(dataFolder, TestContext.Current.CancellationToken);
        var again = await OpenAsync(browser, second);
        await Pane(again, 1).GetByRole(AriaRole.Button, new() { Name = "Mira Sommer" }).First.ClickAsync();

        await Expect(Messages(Pane(again, 1)).Filter(new() { HasText = "Kept through a kill." })).ToHaveCountAsync(1);
    }

    public void Dispose() => Directory.Delete(dataFolder, recursive: true);

    static async Task<IPage> OpenAsync(HeadlessBrowser browser, DemoServer server)
    {
        var page = await browser.Browser.NewPageAsync(new() { ViewportSize = new() { Width = 1280, Height = 720 }, Locale = "en-GB" });
        page.SetDefaultTimeout(30_000);
        SetDefaultExpectTimeout(30_000);
        await page.GotoAsync(server.Page.ToString());
        for (var pane = 0; pane < 3; pane++)
        {
            await Expect(Pane(page, pane)).ToHaveAttributeAsync("data-phase", "live");
        }

        return page;
    }

    static ILocator Pane(IPage page, int index) => page.Locator("section.pane").Nth(index);

    static ILocator Messages(ILocator pane) => pane.Locator(".message");

    static ILocator Text(ILocator pane) => pane.Locator("textarea");

    static ILocator Switch(ILocator pane) => pane.GetByRole(AriaRole.Switch);

    static Task<IReadOnlyList<string>> BubblesAsync(ILocator pane) => pane.Locator("p.bubble").AllTextContentsAsync();

    static async Task WriteAsync(ILocator pane, string text)
    {
        await Text(pane).FillAsync(text);
        await Text(pane).PressAsync("Enter");
        await Expect(Messages(pane).Filter(new() { HasText = text })).ToHaveCountAsync(1);
    }

    /// <summary>Beside the tests; with RCC_PICTURES set, where the README shows it.</summary>
    static string PicturePath(string file) =>
        Environment.GetEnvironmentVariable("RCC_PICTURES") is null ? Path.Combine(AppContext.BaseDirectory, file) : Path.Combine(Built.Checkout, "docs", file);
}
