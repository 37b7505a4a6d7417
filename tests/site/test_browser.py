"""The built pages in a real browser, opened as files: no errors, nothing cut, search works."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None, reason="needs chromium and chromedriver (Debian's packages)"
)
OPTIONS = (
    "--headless=new", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--no-sandbox",
)  # fmt: skip
WIDTHS = (1280, 390)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Chromium without a window, with a profile of its own."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for each in (*OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(each)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = Service(executable_path=str(DRIVER), log_output=os.devnull)
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


def resize(browser: webdriver.Chrome, width: int) -> None:
    """Show pages this wide; a window can't be as narrow as a telephone."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def test_pages_load_without_errors_and_fit(site: Path, browser: webdriver.Chrome) -> None:
    """On a screen and on a telephone: the console is silent, and no page is wider than it."""
    for width in WIDTHS:
        resize(browser, width)
        for path in sorted(site.rglob("*.html")):
            if path.name == "404.html":  # its links start at the server's root
                continue
            browser.get(path.as_uri())
            assert browser.get_log("browser") == [], path.name
            wide = browser.execute_script(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, f"{path.name} at {width}: {wide} pixels too wide"


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_pictures_stand_out_in_both_themes(
    site: Path, browser: webdriver.Chrome, scheme: str
) -> None:
    """Words in pictures differ from their ground by the contrast that WCAG asks for, 4.5 to 1."""
    resize(browser, 1280)
    browser.get((site / "model.html").as_uri())
    browser.execute_script(
        "document.body.setAttribute('data-md-color-scheme', arguments[0])", scheme
    )
    colours = browser.execute_script(
        "const of = (e, p) => getComputedStyle(e)[p], page = of(document.body, 'backgroundColor');"
        "const text = kind => of(document.querySelector(`svg.picture text${kind}`), 'fill');"
        "const box = kind => of(document.querySelector(`svg.picture .${kind}`), 'fill');"
        "return [[text('.name'), box('box')], [text('.name'), box('end')],"
        "        [text('.soft'), box('box')], [text('.soft'), page]]"
    )
    assert [pair for pair in colours if contrast(*pair) < 4.5] == []


def test_pictures_are_whole(site: Path, browser: webdriver.Chrome) -> None:
    """All words of a picture lie within it, and none lies upon another."""
    resize(browser, 1280)
    browser.get((site / "model.html").as_uri())
    outside, upon = browser.execute_script(
        """
        const outside = [], upon = [];
        for (const svg of document.querySelectorAll("svg.picture")) {
          const frame = svg.getBoundingClientRect(), texts = [...svg.querySelectorAll("text")];
          const boxes = texts.map((text) => text.getBoundingClientRect());
          boxes.forEach((a, i) => {
            if (a.left < frame.left || a.right > frame.right || a.top < frame.top
                || a.bottom > frame.bottom) outside.push(texts[i].textContent);
            boxes.slice(i + 1).forEach((b, j) => {
              const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
              const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
              if (wide > 1 && high > 4) upon.push(`${texts[i].textContent} | ${j + i + 1}`);
            });
          });
        }
        return [outside, upon];
        """
    )
    assert (outside, upon) == ([], [])


def test_search_finds_pages_without_a_server(site: Path, browser: webdriver.Chrome) -> None:
    """The search works in pages that are opened as files, too."""
    resize(browser, 1280)
    browser.get((site / "index.html").as_uri())
    browser.find_element(By.CSS_SELECTOR, ".md-search__input").send_keys("shrinkage")
    found = WebDriverWait(browser, 20).until(
        lambda page: page.find_elements(By.CSS_SELECTOR, ".md-search-result__link")
    )
    assert any("scenario.html" in str(each.get_attribute("href")) for each in found)
    assert browser.get_log("browser") == []


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours `rgb(...)`, as WCAG 2.1 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.1 defines it."""
    values = [float(each) / 255 for each in colour.strip("rgba()").split(",")[:3]]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in values
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
