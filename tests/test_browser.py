"""The page of docs/demo in a real browser: it computes what `zoo.restore` computes."""

import base64
import functools
import http.server
import os
import runpy
import shutil
import threading
from pathlib import Path

import keras
import numpy as np
import pytest
from imagepde import zoo
from PIL import Image
from skimage import data

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        keras.backend.backend() != "tensorflow", reason="export needs the TensorFlow backend"
    ),
]

DEMO = Path(__file__).parents[1] / "docs" / "demo"
MODELS = ("trd_small.gauss25", "eed.default", "blade.tv_flow", "ced.default", "blade_stable.tv_flow")


def first_models(*numbers):
    """The models for a test; the others with `--every-model`."""
    return [
        name if k in numbers else pytest.param(name, marks=pytest.mark.every_model)
        for k, name in enumerate(MODELS)
    ]


TILES = dict(zip(MODELS, ([128], [128], [128], [448], [128]), strict=True))
"""Small windows, so that small pictures need several; but `ced` has a reach of 220 pixels."""

TOLERANCE = 1e-2
"""BLADE selects filters, where the last bit may decide; the others agree to some 1e-4."""

FLOATS = """
const floats = (picture) => picture.planes.map((plane) => {
  const bytes = new Uint8Array(plane.buffer);
  let text = "";
  for (let k = 0; k < bytes.length; k += 8192) {
    text += String.fromCharCode(...bytes.subarray(k, k + 8192));
  }
  return btoa(text);
});
const canvas = document.getElementById(arguments[0]);
const shown = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
const picture = arguments[0] === "after" ? demo.output : demo.input;
return [picture.width, picture.height, floats(picture), Array.from(shown)];
"""


def need(condition, reason):
    """Skips, but on CI fails: there everything must be there."""
    if not condition:
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, keeps what was asked for, prints nothing."""

    def log_message(self, *_):
        self.server.asked.append(self.path)


class Page:
    """The page, as someone uses it."""

    def __init__(self, driver, address, asked, folder):
        self.driver, self.address, self.asked, self.folder = driver, address, asked, folder

    def element(self, name):
        return self.driver.find_element("id", name)

    def text(self, name):
        return self.element(name).text

    def choices(self):
        return self.driver.execute_script("return demo.choice")

    def until(self, condition):
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, 120, 0.05).until(condition)

    def wait(self, *states):
        self.until(lambda _: self.element("main").get_attribute("data-state") in states)

    def open(self):
        self.driver.get(self.address)
        self.wait("ready", "failed")
        assert self.text("error") == ""

    def choose_model(self, name):
        self.driver.find_element("css selector", f"input[value='{name}']").click()

    def choose_file(self, path):
        before = self.choices()
        self.element("file").send_keys(str(path))
        self.until(lambda _: self.choices() > before)
        self.wait("done", "failed")

    def choose_picture(self, picture):
        path = self.folder / "picture.png"
        Image.fromarray(picture).save(path)
        self.choose_file(path)
        assert self.text("error") == ""

    def picture(self, canvas):
        """The numbers of a picture `(height, width, channels)`, and what is shown of it."""
        width, height, planes, shown = self.driver.execute_script(FLOATS, canvas)
        planes = [np.frombuffer(base64.b64decode(plane), "<f4") for plane in planes]
        numbers = np.stack(planes, axis=-1).reshape(height, width, -1)
        return numbers, np.array(shown, "uint8").reshape(height, width, 4)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A browser with the page, whose models are written anew."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    need(chromium and chromedriver, "chromium and chromedriver are not installed")
    need((DEMO / "node_modules").is_dir(), "docs/demo/node_modules is missing: npm ci in docs/demo")
    try:
        from selenium import webdriver
    except ImportError:
        need(False, "selenium is not installed")

    folder = tmp_path_factory.mktemp("browser")
    demo = folder / "demo"
    shutil.copytree(DEMO, demo, ignore=shutil.ignore_patterns("node_modules", "models"))
    (demo / "node_modules").symlink_to(DEMO / "node_modules")
    runpy.run_path(str(demo / "prepare.py"))["prepare"](demo / "models", tiles=TILES)

    handler = functools.partial(Quiet, directory=str(demo))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    # Every other host is unreachable, so that what the page does, it does by itself.
    lonely = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", lonely):
        options.add_argument(argument)
    try:
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(chromedriver))
        try:
            address = f"http://127.0.0.1:{server.server_port}/"
            found = Page(driver, address, server.asked, folder)
            found.open()
            yield found
        finally:
            driver.quit()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def models():
    """The models in Python; loaded once."""
    return {name: zoo.load(name) for name in MODELS}


def check(page, model, picture):
    """Compares what was computed and what is shown with Python."""
    page.choose_picture(picture)
    given, _ = page.picture("before")
    expected = picture if picture.ndim == 3 else picture[..., None]
    np.testing.assert_allclose(given, expected / np.float32(255), atol=1e-7)
    computed, shown = page.picture("after")
    restored = zoo.restore(given, model)
    difference = np.abs(computed - restored).max()
    print(f"{model.name} {picture.shape}: {difference:.1e}; {page.text('status')}")
    assert difference < TOLERANCE
    seen = np.broadcast_to(np.clip(restored, 0, 1), (*picture.shape[:2], 3))
    assert np.abs(shown[..., :3] / 255 - seen).max() < TOLERANCE + 1 / 255
    assert (shown[..., 3] == 255).all()


@pytest.mark.parametrize("name", first_models(0, 3))
def test_it_computes_what_python_computes(name, page, models):
    page.choose_model(name)
    # For three models several windows; odd sides, so that the last one would be misaligned.
    check(page, models[name], data.camera()[60:241, 200:351])
    assert " s for 151 × 181 pixels (grey)" in page.text("status")
    check(page, models[name], data.astronaut()[30:163, 150:290])
    assert " s for 140 × 133 pixels (colour, channels one by one)" in page.text("status")


@pytest.mark.parametrize("name", first_models(1, 2, 4))
def test_a_picture_smaller_than_a_window(name, page, models):
    page.choose_model(name)
    # Smaller by less than the reach, and by more.
    height, width = (300, 60) if name == "ced.default" else (121, 84)
    check(page, models[name], data.camera()[100 : 100 + height, 200 : 200 + width])
    assert "approximate" not in page.text("status")


def test_the_page_says_where_it_is_approximate(page, models):
    page.choose_model("blade.tv_flow")
    check(page, models["blade.tv_flow"], data.camera()[100:161, 200:275])
    assert "approximate" in page.text("status")


def test_noise_is_added_and_removed(page, models):
    page.choose_model("trd_small.gauss25")
    picture = data.camera()[100:300, 150:320]
    page.choose_picture(picture)
    page.element("noise").click()
    page.wait("done", "failed")
    noisy, _ = page.picture("before")
    noise = noisy[..., 0] - picture / 255
    assert noise.std() == pytest.approx(25 / 255, rel=0.03)
    assert abs(noise.mean()) < 0.002
    computed, _ = page.picture("after")
    assert np.abs(computed - zoo.restore(noisy, models["trd_small.gauss25"])).max() < TOLERANCE
    assert "dB before" in page.text("status")
    page.element("noise").click()
    page.wait("done", "failed")


def test_the_slider_moves_by_keyboard_and_pointer(page):
    from selenium.webdriver import ActionChains, Keys

    page.choose_model("eed.default")
    page.choose_picture(data.camera()[:150, :200])
    split, stage = page.element("split"), page.element("stage")

    def divided():
        return page.driver.execute_script(
            "return arguments[0].style.getPropertyValue('--split')", stage
        )

    split.send_keys(Keys.HOME)
    assert divided() == "0%"
    split.send_keys(Keys.END, Keys.ARROW_LEFT)
    assert divided() == "99%"
    assert split.get_attribute("aria-valuetext") == "99 % before, 1 % after"
    ActionChains(page.driver).move_to_element(stage).click().perform()
    assert divided() in ("49%", "50%", "51%")


def test_a_file_that_is_no_picture(page):
    path = page.folder / "text.png"
    path.write_text("This is text.")
    page.choose_file(path)
    assert "not a picture" in page.text("error")
    page.choose_picture(data.camera()[:130, :130])
    assert page.text("error") == ""


UNSUITABLE = [((4001, 4000), "megapixels"), ((7, 50), "at least 8 × 8")]


@pytest.mark.parametrize(("side", "message"), UNSUITABLE)
def test_a_picture_of_an_unsuitable_size(side, message, page):
    path = page.folder / "size.png"
    Image.new("L", side).save(path)
    page.choose_file(path)
    assert message in page.text("error")


def test_an_example_by_keyboard(page):
    from selenium.webdriver import Keys

    page.choose_model("eed.default")
    (camera, *_) = page.driver.find_elements("css selector", "#examples button")
    camera.send_keys(Keys.ENTER)
    page.wait("done", "failed")
    assert "512 × 512 pixels" in page.text("status")


def test_computing_can_be_cancelled(page):
    page.choose_model("trd_small.gauss25")
    (_, astronaut, *_) = page.driver.find_elements("css selector", "#examples button")
    astronaut.click()
    page.wait("computing")
    page.element("cancel").click()
    assert page.text("status") == "Cancelled."
    page.choose_model("eed.default")
    page.wait("done", "failed")
    assert "512 × 512 pixels" in page.text("status")


def test_nothing_is_asked_of_other_hosts(page):
    names = page.driver.execute_script(
        "return performance.getEntriesByType('resource').map(({ name }) => name)"
    )
    assert names
    assert all(name.startswith((page.address, "blob:" + page.address, "data:")) for name in names)
    # What the worker loaded came from here, too.
    assert any(path.endswith(".wasm") for path in page.asked)
