"""Requests within requests: what they inherit, what they ignore, what they may name (``r-request-nesting-and-embedding``)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.catalog.records import Record
from proxy.errors import IsproxyError, LimitExceeded, Missing, Refused, RequestError
from proxy.recipe.asked import ReadLimits
from proxy.recipe.looks import Look
from proxy.recipe.model import Box, Output, Picture, Source
from proxy.recipe.planner import Limits
from proxy.recipe.text import TextPlan
from tests.composed import Desk, catalog, catalogs, header

HEADERS = {
    "base.png": header(400, 300),
    "pic.png": header(100, 60),
    "tall.png": header(60, 100),
    "tiny/pic.png": header(100, 60),
    "stencil.png": header(100, 60),
    "http://pictures.example/a.png": header(30, 20),
    "http://elsewhere.example/b.png": header(50, 40),
}
IGNORED = ("fmt=png", "qlt=5", "iccEmbed=1", "printRes=300", "quantize=web,off,9", "req=exists", "req=tmb", "bgc=ff0000")
SHOP = (
    *(Record(name, path=f"{name}.png") for name in ("base", "pic", "tall", "stencil")),
    Record("noPath"),
    Record("gone"),
    Record("template", modifier="src=$img$&layer=1&src=pic&size=10,0&$img=base"),
    Record("maskedTemplate", path="pic.png", modifier="mask=stencil"),
    Record("solidTemplate", modifier="size=90,80&color=00ff00&$n=9&wid=$n$"),
    Record("objectTemplate", modifier="src=$object$&wid=$w$&$w=20"),
    Record("nestingTemplate", modifier="src=is{shop/objectTemplate}&layer=1&src=is($object$?wid=30)"),
    Record("half", path="pic.png", modifier="size=50,0"),
    Record("behind", path="pic.png", modifier="fmt=png&bgc=ff0000", post_modifier="qlt=5&req=props&printRes=9"),
)


def desk_of(limits: ReadLimits | None = None, **attributes: str) -> Desk:
    shop = catalog("shop", *SHOP, **attributes)
    tiny = catalog("tiny", Record("pic", path="pic.png"), RootPath="tiny", MaxPix="40,40", DefaultPix="20,20")
    return Desk(catalogs(shop, tiny), HEADERS, limits or ReadLimits())


@pytest.fixture(name="desk")
def _desk() -> Desk:
    return desk_of()


def picture(desk: Desk, target: str, number: int = 1) -> Picture:
    """The nested picture of a layer, planned."""
    source = next(plan for plan in desk.recipe(target).layers if plan.number == number).source
    assert isinstance(source, Picture)
    return source


# ---- the picture of a nested request is that of its view


@pytest.mark.parametrize(
    ("nested", "size"),
    [
        ("shop/pic", (100, 60)),
        ("shop/pic?wid=50", (50, 30)),
        ("shop/pic?wid=50&hei=50", (50, 50)),
        ("shop/pic?wid=50&hei=50&fit=constrain", (50, 30)),
        ("shop/pic?rect=10,10,20,15", (20, 15)),
        ("shop/pic?rotate=90", (60, 100)),
        ("shop/pic?extend=5,5,5,5", (110, 70)),
        ("shop/base?layer=1&src=shop/pic&size=10,0", (400, 300)),
        ("shop/base?layer=0&src=is{shop/pic?wid=50}", (50, 30)),
        ("shop/half", (50, 30)),
        ("shop?size=7,5&color=ff0000", (7, 5)),
        ("?src=shop/pic", (100, 60)),
        (" shop/pic?%20wid=50", (50, 30)),
        # neither MaxPix nor DefaultPix of its catalog counts
        ("tiny/pic", (100, 60)),
        ("tiny/pic?wid=80", (80, 48)),
    ],
)
@pytest.mark.parametrize("form", ["is{%s}", "is(%s)", "is%%7B%s%%7D", "is%%28%s%%29", "IS{%s}"])
def test_size(desk: Desk, nested: str, size: tuple[int, int], form: str) -> None:
    layer = desk.layer(f"shop/base?layer=1&src={form % nested}", 1)
    assert layer.laid.shape.size == size
    # it has no anchor: its middle lies on that of the canvas
    assert layer.laid.place == (200 - size[0] / 2, 150 - size[1] / 2)


def test_the_outer_catalog_still_limits_the_reply(desk: Desk) -> None:
    with pytest.raises(LimitExceeded, match="MaxPix is 40"):
        desk.recipe("tiny/pic?wid=50")
    # DefaultPix is that of the outer catalog too
    assert desk.recipe("tiny?src=is{shop/pic}").view.size == (20, 12)
    assert desk.recipe("shop?src=is{tiny/pic}").view.size == (100, 60)


@pytest.mark.parametrize("command", IGNORED)
def test_commands_that_are_ignored(desk: Desk, command: str) -> None:
    plain = desk.recipe("shop/base?layer=1&src=is{shop/pic}")
    assert desk.recipe(f"shop/base?layer=1&src=is{{shop/pic?{command}}}") == plain
    assert desk.recipe(f"shop/base?layer=1&src=is{{shop/pic?layer=0&{command}}}") == plain
    (ignored,) = desk.layer(f"shop/base?layer=1&src=is(shop/pic?{command})", 1).content.asked.request.ignored  # type: ignore[union-attr]  # a nested request is measured
    assert ignored.reason.endswith("is ignored in nested requests")


def test_they_are_ignored_in_modifiers_too(desk: Desk) -> None:
    def planned(record: str) -> tuple[Picture, Output]:
        recipe = desk.recipe(f"shop/base?layer=1&src=is{{shop/{record}}}")
        source = recipe.layers[1].source
        assert isinstance(source, Picture)
        return replace(source, layers=tuple(replace(plan, source=None) for plan in source.layers)), recipe.output

    # the records differ in their names, which messages show
    assert planned("behind") == planned("pic")


@pytest.mark.parametrize(
    "command", ["wid=50", "crop=0,0,9,9", "flip=lr", "rotate=90", "opac=50", "op_invert=1", "resMode=bilin", "layer=1&src=pic"]
)
def test_commands_that_are_not(desk: Desk, command: str) -> None:
    assert desk.recipe(f"shop/base?layer=1&src=is(shop/pic?{command})") != desk.recipe("shop/base?layer=1&src=is(shop/pic)")


def test_caching_of_the_inner_picture_changes_nothing(desk: Desk) -> None:
    assert desk.recipe("shop?src=is(shop/pic?cache=on)") == desk.recipe("shop?src=is(shop/pic)")


# ---- no more pixels are made than are needed


def test_it_is_made_as_small_as_it_is_drawn(desk: Desk) -> None:
    target = "shop/base?wid=100&layer=1&src=is{shop/pic?wid=80}&anchor=0,0"
    (_, plan) = desk.recipe(target).layers
    inner = picture(desk, target)
    # 80×48 at a quarter
    assert (plan.size, plan.offset, plan.crop) == ((20, 12), (50, 38), Box(0, 0, 20, 12))
    assert (inner.view.canvas, inner.view.size, inner.layers[0].size) == ((20, 12), (20, 12), (20, 12))


def test_it_is_never_made_larger(desk: Desk) -> None:
    target = "shop/base?layer=1&src=is{shop/pic?wid=50}&size=300,0"
    inner = picture(desk, target)
    assert inner.view.size == (50, 30)
    assert desk.recipe(target).layers[1].crop == Box(0, 0, 50, 30)


def test_a_part_of_it(desk: Desk) -> None:
    target = "shop/base?layer=1&src=is{shop/base}&crop=200,100,100,100&size=50,0"
    (_, plan) = desk.recipe(target).layers
    # the part is drawn at half, so the picture is made at 200×150
    assert picture(desk, target).view.size == (200, 150)
    assert (plan.crop, plan.size) == (Box(100, 50, 150, 100), (50, 50))


def test_radii_shrink_with_it(desk: Desk) -> None:
    ops = picture(desk, "shop/base?wid=100&layer=1&src=is{shop/pic?op_blur=8}").ops
    assert ops == picture(desk, "shop/base?layer=1&src=is{shop/pic?op_blur=2}").ops


@given(
    wid=st.integers(1, 130),
    size=st.integers(1, 130),
    query=st.sampled_from(["", "&hei=33", "&hei=33&fit=constrain", "&fit=constrain,1", "&extend=0,1,0,0"]),
)
def test_its_view_is_never_smaller_than_what_is_cut_out(wid: int, size: int, query: str) -> None:
    view = picture(desk_of(), f"shop/base?layer=1&src=is{{shop/pic?wid={wid}{query}}}&size={size},0").view
    assert view.rect == (0, 0, *view.size)


@given(left=st.integers(0, 74), width=st.integers(1, 75), size=st.integers(1, 60))
def test_a_rectangle_of_its_view_stays_within_it(left: int, width: int, size: int) -> None:
    width = min(width, 75 - left)
    view = picture(desk_of(), f"shop/base?layer=1&src=is{{shop/pic?wid=75&rect={left},0,{width},45}}&size={size},0").view
    assert 0 <= view.rect[0] < view.rect[0] + view.rect[2] <= view.size[0]
    assert (view.rect[1], view.rect[3]) == (0, view.size[1])


# ---- variables


@pytest.mark.parametrize(
    ("target", "path"),
    [
        # references to the left and to the right of the question mark
        ("shop/base?$p=tall&layer=1&src=is{shop/$p$}", "tall.png"),
        ("shop/base?$p=tall&layer=1&src=is{?src=shop/$p$}", "tall.png"),
        ("shop/base?$p=shop/tall&layer=1&src=is{$p$}", "tall.png"),
        ("shop/base?$p=tall&layer=1&src=is{?src=is{shop/$p$}}", "tall.png"),
        # definitions are forwarded, so a template of any level has them
        ("shop/base?$img=tall&layer=1&src=is{shop/template}", "tall.png"),
        ("shop/base?$img=tall&layer=1&src=is{?src=is{shop/template}}", "tall.png"),
        ("shop/base?layer=1&src=is{shop/template}", "base.png"),
        # those of the nested request are nearer
        ("shop/base?$img=base&layer=1&src=is{shop/template?$img=tall}", "tall.png"),
        ("shop/base?$IMG=tall&layer=1&src=is{shop/template}", "tall.png"),
        # $object$ is the object of the outermost request
        ("shop/tall?layer=1&src=is{$object$}", "tall.png"),
        ("shop/tall?layer=1&src=is{?src=$object$}", "tall.png"),
        ("shop/tall?layer=1&src=is{shop/objectTemplate}", "tall.png"),
        ("shop/tall?layer=1&src=is{shop/pic?template=objectTemplate}", "tall.png"),
        ("shop/tall?layer=1&src=is{?src=is{shop/pic?template=shop/objectTemplate}}", "tall.png"),
        ("shop/base?$object=shop/tall&layer=1&src=is{$object$}", "tall.png"),
        ("shop/base?$object=shop/tall&layer=1&src=is{shop/objectTemplate}", "tall.png"),
    ],
)
def test_variables_reach_into_nested_requests(desk: Desk, target: str, path: str) -> None:
    source: Picture | Source | TextPlan | None = picture(desk, target)
    while isinstance(source, Picture):
        source = source.layers[0].source
    assert isinstance(source, Source)
    assert source.location == path


def test_numbers_by_variables(desk: Desk) -> None:
    assert desk.layer("shop/base?$w=50&layer=1&src=is{shop/pic?wid=$w$}", 1).laid.shape.size == (50, 30)
    assert desk.layer("shop/tall?$w=30&layer=1&src=is{shop/objectTemplate}", 1).laid.shape.size == (30, 50)
    assert desk.layer("shop/tall?layer=1&src=is{shop/objectTemplate}", 1).laid.shape.size == (20, 33)


def test_a_template_of_nested_requests(desk: Desk) -> None:
    measured = desk.measured("shop/tall?template=shop/nestingTemplate")
    # 60×100 to a width of 20 and of 30
    assert [layer.laid.shape.size for layer in measured.layers] == [(20, 33), (30, 50)]
    assert [look.path for look in desk.looked] == ["tall.png", "tall.png"]


def test_a_template_in_the_path_of_a_nested_request(desk: Desk) -> None:
    assert desk.layer("shop/base?layer=1&src=is{shop/solidTemplate}", 1).laid.shape.size == (9, 8)
    assert desk.layer("shop/base?layer=1&mask=is{shop/template}&color=ff0000", 1).laid.shape.size == (400, 300)


# ---- limits


def test_depth() -> None:
    desk = desk_of(ReadLimits(nesting=2))
    assert desk.layer("shop/base?layer=1&src=is{?src=is{shop/pic}}", 1).laid.shape.size == (100, 60)
    for form in ("is{%s}", "is(%s)"):
        deep = f"?src={form % '?src=is{?src=is{shop/pic}}'}"
        with pytest.raises(LimitExceeded, match="requests are nested more than 2 deep"):
            desk.asked(f"shop/base{deep}")
    with pytest.raises(LimitExceeded, match="2 deep"):
        desk.asked("shop/base?layer=1&src=shop/pic&mask=is{?src=is{?src=is{shop/pic}}}")


def test_depth_by_default(desk: Desk) -> None:
    def nested(depth: int) -> str:
        return "shop/base?src=" + "is{?src=" * depth + "shop/pic" + "}" * depth

    assert desk.measured(nested(8)).composite == (100, 60)
    with pytest.raises(LimitExceeded):
        desk.asked(nested(9))


def test_a_template_that_holds_itself_ends() -> None:
    shop = catalog("shop", Record("loop", modifier="src=is{shop/loop}"))
    with pytest.raises(LimitExceeded, match="8 deep"):
        Desk(catalogs(shop), HEADERS).asked("shop/loop")


def test_layers() -> None:
    desk = desk_of(ReadLimits(layers=3))
    three = "layer=1&src=pic&layer=2&src=pic"
    # layer 0 counts, named or not
    assert len(desk.measured(f"shop/base?{three}").layers) == 3
    for fourth in ("layer=3&src=pic", "layer=9&color=ff0000&size=1,1", "layer=3&src=pic&hide=1"):
        with pytest.raises(LimitExceeded, match="4 layers: at most 3 are drawn"):
            desk.asked(f"shop/base?{three}&{fourth}")
    # a nested request has as many of its own
    assert len(desk.measured(f"shop/base?layer=1&src=is{{shop/base?{three}}}&layer=2&src=pic").layers) == 3
    with pytest.raises(LimitExceeded, match="4 layers"):
        desk.asked(f"shop/base?layer=1&src=is{{shop/base?{three}&layer=3&src=pic}}")


def test_layers_are_counted_altogether() -> None:
    desk = desk_of(ReadLimits(layers=10, all_layers=7))
    nested = "&".join(f"layer={number}&src=is{{shop/pic?layer=1&src=pic}}" for number in (1, 2))
    assert len(desk.asked(f"shop/base?{nested}").layers) == 3
    with pytest.raises(LimitExceeded, match=r"more than 7 layers, those of nested requests included \(all_layers\)"):
        desk.asked(f"shop/base?{nested}&layer=3&src=pic")


def test_a_request_that_a_variable_multiplies_is_given_up_at_once() -> None:
    """Eight levels of twenty times the next one: more than a server could read in a year."""
    text = "shop/pic"
    for level in range(8):
        text = f"shop/pic?$v{level}={{{text}}}&" + "&".join(f"layer={number}&src=is$v{level}$" for number in range(1, 21))
    with pytest.raises(LimitExceeded, match="all_layers"):
        desk_of().asked(text)


def test_pixels_of_pictures_on_the_way(desk: Desk) -> None:
    limits = Limits(reply_pixels=20_000)
    with pytest.raises(LimitExceeded, match="400 by 300"):
        desk.recipe("shop/pic?layer=1&src=is{shop/base}", limits)
    assert desk.recipe("shop/pic?layer=1&src=is{shop/base}&size=40,0", limits).view.size == (100, 60)


# ---- hidden layers


def test_a_hidden_layer_is_not_looked_up(desk: Desk) -> None:
    assert desk.recipe("shop/base?layer=1&src=gone&hide=1&layer=2&src=is{shop/gone}&hide=1") == desk.recipe("shop/base")
    assert [look.path for look in desk.looked] == ["base.png", "base.png"]
    assert len(desk.recipe("shop/base?layer=1&src=pic&hide=0").layers) == 2


@pytest.mark.parametrize("query", ["hide=1", "layer=0&hide=1", "layer=comp&hide=1"])
def test_a_hidden_layer_0_is_still_the_canvas(desk: Desk, query: str) -> None:
    recipe = desk.recipe(f"shop/base?layer=1&src=pic&layer=comp&{query}&layer=0&color=ff0000&bgColor=00ff00")
    assert recipe.view.canvas == (400, 300)
    base, layer = recipe.layers
    assert (base.opacity, base.color, base.background) == (0, None, None)
    assert layer.opacity == 1


# ---- what is refused


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        ("layer=1&src=template", RequestError, "src=template: a record with src= or mask= in its Modifier cannot be named here"),
        ("layer=1&src=shop/template", RequestError, "src=shop/template"),
        ("src=maskedTemplate", RequestError, "src=maskedTemplate"),
        ("mask=template", RequestError, "mask=template"),
        ("layer=1&src=pic&mask=maskedTemplate", RequestError, "mask=maskedTemplate"),
        ("layer=1&src=is{shop/pic?mask=template}", RequestError, "mask=template"),
        ("layer=1&src=ir{cat/vignette?obj=main}", RequestError, "embedded Image Rendering requests are not supported"),
        ("layer=1&src=IR(cat/vignette)", RequestError, "embedded Image Rendering requests are not supported"),
        ("mask=ir{cat/vignette}", RequestError, "embedded Image Rendering requests are not supported"),
        ("layer=1&src=fxg(cat/card?a=1&b=2)", RequestError, "embedded FXG requests are not supported"),
        ("layer=1&src=is{shop/pic?src=fxg(card)}", RequestError, "embedded FXG requests are not supported"),
        ("layer=1&src={http://pictures.example/a.png}", Refused, "AllowDirectUrls"),
        ("layer=1&src=(http://pictures.example/a.png)", Refused, "AllowDirectUrls"),
        ("mask=(https://pictures.example/a.png)", Refused, "AllowDirectUrls"),
        ("layer=1&src={file:///etc/passwd}", Refused, "AllowDirectUrls"),
        ("layer=1&src={a.png}", Refused, "RootUrl"),
        ("layer=1&src=(a.png?from=http://pictures.example/)", Refused, "RootUrl"),
        ("$u=http://pictures.example/a.png&layer=1&src=($u$)", Refused, "AllowDirectUrls"),
        ("layer=1&src=../secret.png", Refused, "upwards"),
        ("layer=1&src=is{shop/../../secret.png}", Refused, "upwards"),
    ],
)
def test_refused(desk: Desk, query: str, error: type[IsproxyError], message: str) -> None:
    with pytest.raises(error) as caught:
        desk.asked(f"shop/base?{query}")
    assert message in caught.value.detail


@pytest.mark.parametrize(
    "target", ["shop/base?layer=1&src=is{shop/noPath}", "shop/base?layer=1&src=noPath", "shop/base?mask=noPath"]
)
def test_what_is_missing_inside_is_missing(desk: Desk, target: str) -> None:
    with pytest.raises(Missing, match="noPath"):
        desk.measured(target)


@pytest.mark.parametrize(
    ("attributes", "source", "url"),
    [
        ({"AllowDirectUrls": "1"}, "(http://elsewhere.example/b.png)", "http://elsewhere.example/b.png"),
        ({"AllowDirectUrls": "1"}, "{http://$host$/b.png}&$host=elsewhere.example", "http://elsewhere.example/b.png"),
        ({"RootUrl": "http://pictures.example"}, "(a.png)", "http://pictures.example/a.png"),
        ({"RootUrl": "http://pictures.example/"}, "{/a.png}", "http://pictures.example/a.png"),
        (
            {"RootUrl": "http://pictures.example/", "AllowDirectUrls": "1"},
            "{$object$.png}&$object=a",
            "http://pictures.example/a.png",
        ),
    ],
)
@pytest.mark.parametrize("command", ["src", "color=ff0000&mask"])
def test_foreign_pictures_where_they_are_allowed(attributes: dict[str, str], source: str, url: str, command: str) -> None:
    desk = desk_of(None, **attributes)
    layer = desk.layer(f"shop/base?layer=1&{command}={source}", 1)
    assert desk.looked[-1] == Look(url, url, foreign=True)
    assert layer.laid.shape.size == (HEADERS[url].width, HEADERS[url].height)


def test_which_catalog_permits_a_foreign_picture() -> None:
    open_, closed = catalog("open", AllowDirectUrls="1"), catalog("closed", *SHOP)
    desk = Desk(catalogs(open_, closed), HEADERS)
    foreign = "(http://elsewhere.example/b.png)"
    assert desk.measured(f"open?src={foreign}").composite == (50, 40)
    # a nested request has the attributes of the catalog that its own path selects
    assert desk.measured(f"closed/base?src=is{{open?src={foreign}}}").composite == (50, 40)
    with pytest.raises(Refused):
        desk.asked(f"open?src=is{{closed/base?src={foreign}}}")


# ---- what stands in for a missing image (r-defaultimagemode)


@pytest.mark.parametrize(
    ("mode", "query", "expected"),
    [
        ("1", "", "tall.png"),
        # what the whole request says of it counts in every request that is nested in it
        ("1", "&defaultImage=base", "base.png"),
        ("1", "&defaultImage=", None),
        ("0", "", None),
    ],
)
def test_a_stand_in_within_a_nested_request(mode: str, query: str, expected: str | None) -> None:
    desk = desk_of(DefaultImage="tall", DefaultImageMode=mode)
    desk.recipe(f"shop/base?layer=1&src=is(shop/pic?layer=1&src=stencil){query}")
    assert {look.otherwise for look in desk.looked} == {expected}
