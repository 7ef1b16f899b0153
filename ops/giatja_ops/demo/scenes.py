"""What the three Lapas of the demonstration make, for whom, by when, and who makes it.

The figures of Pekalongan and Batang are those reported from the field: 400 koko shirts at two rates by 16
inmates, batik cap of 5-6 kodi a week by 6, 1.000 bags in three days by 15 sewers and 3 who check. Days are
working days from the day of loading; partners other than DMA Collection and H. Palal are made up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from giatja_ops.demo.flow import Fault, Lot, Plan

FLOOD: Final = "Banjir rob: gudang dan ruang jahit tergenang, bahan dipindah ke aula"
_SIZES: Final = ("S", "M", "L", "XL")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage of a workshop whose route is its own."""

    key: str
    name: str
    name_en: str
    minutes: int
    competence: str | None = None
    quality: bool = False


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """A workshop: which template it begins from, and its target of a month."""

    template: str
    name: str
    target: int
    route: Sequence[Stage] = ()


@dataclass(frozen=True, kw_only=True)
class Partner:
    """Somebody who orders."""

    name: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Product:
    """Something that is made here; the rate is for one piece."""

    name: str
    kind: str
    unit: str
    rate: int
    sizes: Sequence[str] = ()
    colours: Sequence[str] = ()


Cells = Sequence[tuple[str, str, int]]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of an order: cells are size, colour, pieces."""

    product: str
    cells: Cells
    unit: str | None = None


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order and what happens to it; every day is a working day from today."""

    key: str
    partner: str | None
    lines: Sequence[Line]
    created: int
    due: int
    note: str = ""
    own_material: bool = False
    quoted: int | None = None
    accepted: int | None = None
    held: int | None = None
    cancelled: int | None = None
    shared: bool = False


Permit = Literal[
    "works", "expires_soon", "limited", "none", "approved", "proposed", "deferred", "refused", "expired", "ended"
]


@dataclass(frozen=True, kw_only=True)
class Inmate:
    """Somebody in the register; ``key`` says what for, the name is made up later."""

    key: str
    permit: Permit = "works"
    fitness: Literal["fit", "limited", "not_fit"] = "fit"
    age: int | None = None
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Award:
    """A competence an inmate was found to have, some days ago."""

    inmate: str
    competence: str
    day: int


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One Lapas: its workshops, orders, inmates, and the work that was done."""

    code: str
    workshops: Sequence[Workshop]
    partners: Sequence[Partner]
    products: Sequence[Product]
    orders: Sequence[Order]
    inmates: Sequence[Inmate]
    plans: Sequence[Plan]
    awards: Sequence[Award] = field(default_factory=tuple)


def _grid(colours: Mapping[str, Sequence[int]]) -> Cells:
    return [(size, colour, n) for colour, row in colours.items() for size, n in zip(_SIZES, row, strict=True)]


def _crew(**stages: str) -> Mapping[str, Sequence[str]]:
    return {stage: keys.split() for stage, keys in stages.items()}


def _keys(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{n}" for n in range(1, count + 1)]


GARMENT_STAGES: Final = (
    "potong", "bundel", "jahit", "obras", "lubang_kancing", "buang_benang", "qc", "setrika", "lipat",
)  # fmt: skip
BATIK_STAGES: Final = (
    "persiapan_kain", "mordan", "pengecapan", "pewarnaan", "fiksasi", "pelorodan", "cuci", "jemur", "qc",
)  # fmt: skip
PLANT_STAGES: Final = ("pembibitan", "penyemaian", "pindah_pot", "perawatan", "siap_jual", "jual")
_GARMENT_FAULTS: Final = (
    Fault(stage="potong", defect="ukuran_salah", share=0.004, mended=False),
    Fault(stage="jahit", defect="jahitan_loncat", share=0.02),
    Fault(stage="jahit", defect="bolong", share=0.004, mended=False),
    Fault(stage="lubang_kancing", defect="kancing_salah", share=0.015),
    Fault(stage="qc", defect="lepas", share=0.02),
    Fault(stage="qc", defect="noda", share=0.015),
    Fault(stage="qc", defect="belang", share=0.004, mended=False),
)
_BATIK_FAULTS: Final = (
    Fault(stage="pengecapan", defect="cap_geser", share=0.02),
    Fault(stage="pengecapan", defect="malam_netes", share=0.015),
    Fault(stage="pewarnaan", defect="warna_belang", share=0.02),
    Fault(stage="pelorodan", defect="malam_pecah", share=0.01),
    Fault(stage="cuci", defect="luntur", share=0.006, mended=False),
    Fault(stage="qc", defect="sobek", share=0.004, mended=False),
)
_PLANT_FAULTS: Final = (
    Fault(stage="penyemaian", defect="mati", share=0.02, mended=False),
    Fault(stage="pindah_pot", defect="layu", share=0.015),
    Fault(stage="perawatan", defect="hama", share=0.02, mended=False),
    Fault(stage="perawatan", defect="mati", share=0.015, mended=False),
)

# -- Pekalongan

_SEWERS: Final = "jahit1 jahit2 jahit3 jahit4 jahit5 jahit6"
_GARMENT_CREW: Final = _crew(
    potong="potong1 potong2", bundel="bundel1", jahit=_SEWERS, obras="obras1 obras2", lubang_kancing="kancing1",
    buang_benang="benang1", qc="qc1", setrika="setrika1", lipat="lipat1",
)  # fmt: skip
# No more than 3 kodi a day in two shifts, as in 2024.
_KOKO_PACE: Final = dict.fromkeys(GARMENT_STAGES, 30) | {"potong": 50, "bundel": 50, "jahit": 27}
_KEMEJA_PACE: Final = dict.fromkeys(GARMENT_STAGES, 20) | {"potong": 34, "bundel": 34, "jahit": 18}
_BATIK_CREW: Final = _crew(
    persiapan_kain="batik1", mordan="batik1", pengecapan="batik2 batik3 batik4", pewarnaan="batik5", fiksasi="batik5",
    pelorodan="batik6", cuci="batik6", jemur="batik1", qc="batik1",
)  # fmt: skip
_PLANT_CREW: Final = _crew(
    pembibitan="tanam1 tanam2", penyemaian="tanam1 tanam2", pindah_pot="tanam3 tanam4",
    perawatan="tanam1 tanam3", siap_jual="tanam4", jual="tanam4",
)  # fmt: skip

PEKALONGAN: Final = Scene(
    code="PKL",
    workshops=(
        Workshop(template="garmen", name="Garmen", target=800),
        Workshop(template="batik_cap", name="Batik cap", target=440),
        Workshop(template="tanaman_hias", name="Tanaman hias", target=120),
    ),
    partners=(
        Partner(name="DMA Collection", note="Bahan dan pola dari mitra; target garmen 800 potong sebulan"),
        Partner(name="H. Palal", note="Kain dari mitra; penyelesaian akhir oleh mitra"),
        Partner(name="Sanggar Canting Kencana"),
        Partner(name="Toko Seragam Melati"),
        Partner(name="Koperasi Sekar Jagat"),
    ),
    products=(
        Product(name="Koko lengan panjang", kind="garmen", unit="pcs", rate=7000, sizes=_SIZES,
                colours=("putih", "hijau botol")),
        Product(name="Koko lengan pendek", kind="garmen", unit="pcs", rate=6000, sizes=_SIZES,
                colours=("putih", "biru muda")),
        Product(name="Kemeja kerja", kind="garmen", unit="pcs", rate=6500, sizes=_SIZES,
                colours=("abu-abu", "biru dongker")),
        Product(name="Mukena katun", kind="garmen", unit="pcs", rate=8000, colours=("putih", "merah muda")),
        Product(name="Celana olahraga", kind="garmen", unit="pcs", rate=4500, sizes=_SIZES, colours=("hitam",)),
        Product(name="Kain batik cap", kind="batik_cap", unit="kodi", rate=9000,
                colours=("merah soga", "biru indigo", "hijau lumut", "cokelat sogan")),
        Product(name="Aglaonema pot 15 cm", kind="tanaman_hias", unit="pot", rate=15000),
    ),
    orders=(
        Order(key="kemeja0", partner="Toko Seragam Melati", created=-46, quoted=-46, accepted=-45, due=-30,
              lines=(Line(product="Kemeja kerja", cells=_grid({"abu-abu": (20, 40, 40, 20)})),)),
        Order(key="tanaman", partner=None, created=-41, accepted=-41, due=22, own_material=True,
              note="Angkatan pertama rumah tanaman, dijual di Galeri Giatja",
              lines=(Line(product="Aglaonema pot 15 cm", cells=(("-", "-", 450),)),)),
        Order(key="batal", partner="Koperasi Sekar Jagat", created=-38, quoted=-37, cancelled=-35, due=-15,
              lines=(Line(product="Celana olahraga", cells=_grid({"hitam": (20, 30, 30, 20)})),)),
        Order(key="koko", partner="DMA Collection", created=-25, quoted=-25, accepted=-24, due=-7, shared=True,
              note="Persediaan Ramadan; kain, pola dan contoh dari mitra",
              lines=(
                  Line(product="Koko lengan panjang",
                       cells=_grid({"putih": (20, 35, 35, 20), "hijau botol": (15, 30, 30, 15)})),
                  Line(product="Koko lengan pendek",
                       cells=_grid({"putih": (20, 35, 35, 20), "biru muda": (15, 30, 30, 15)})),
              )),
        Order(key="batik", partner="H. Palal", created=-24, quoted=-24, accepted=-23, due=8,
              note="Empat warna, dicelup per warna",
              lines=(Line(product="Kain batik cap", cells=[
                  ("-", colour, 120) for colour in ("merah soga", "biru indigo", "hijau lumut", "cokelat sogan")
              ]),)),
        Order(key="kemeja", partner="DMA Collection", created=-14, quoted=-14, accepted=-13, due=-2,
              note="Bagian dari target bulanan DMA",
              lines=(Line(product="Kemeja kerja",
                          cells=_grid({"abu-abu": (30, 50, 50, 30), "biru dongker": (30, 50, 50, 30)})),)),
        Order(key="mukena", partner="Koperasi Sekar Jagat", created=-12, accepted=-11, due=9, held=-6,
              lines=(Line(product="Mukena katun", cells=(("-", "putih", 40), ("-", "merah muda", 40))),)),
        Order(key="seragam", partner="Toko Seragam Melati", created=-9, quoted=-9, accepted=-8, due=12,
              note="Dipotong per lapis, dikerjakan per bundel",
              lines=(Line(product="Kemeja kerja",
                          cells=_grid({"abu-abu": (15, 30, 30, 15), "biru dongker": (15, 30, 30, 15)})),)),
        Order(key="tawaran", partner="Sanggar Canting Kencana", created=-3, quoted=-2, due=26,
              note="Minta contoh warna merah soga dahulu",
              lines=(Line(product="Kain batik cap", cells=(("-", "merah soga", 120), ("-", "cokelat sogan", 80))),)),
        Order(key="koko2", partner="DMA Collection", created=-2, quoted=-2, accepted=-1, due=18,
              lines=(Line(product="Koko lengan panjang",
                          cells=_grid({"putih": (30, 50, 50, 30), "hijau botol": (15, 25, 25, 15)})),)),
        Order(key="konsep", partner="Toko Seragam Melati", created=-1, due=30,
              lines=(Line(product="Kemeja kerja", cells=_grid({"abu-abu": (30, 45, 45, 30)})),)),
    ),
    inmates=(
        *(Inmate(key=key) for key in dict.fromkeys(k for keys in _GARMENT_CREW.values() for k in keys)
          if key not in ("benang1", "setrika1", "jahit2")),
        Inmate(key="jahit2", name="long"),
        Inmate(key="benang1", permit="limited", fitness="limited"),
        Inmate(key="setrika1", permit="expires_soon"),
        *(Inmate(key=key) for key in (*_keys("batik", 6), *_keys("tanam", 4))),
        Inmate(key="muda", permit="none", age=17),
        Inmate(key="sakit", permit="none", fitness="not_fit"),
        Inmate(key="baru1", permit="none"),
        Inmate(key="baru2", permit="none"),
        Inmate(key="usul1", permit="proposed"),
        Inmate(key="usul2", permit="proposed"),
        Inmate(key="usul3", permit="proposed"),
        Inmate(key="tunda", permit="deferred"),
        Inmate(key="setuju", permit="approved"),
        Inmate(key="tolak", permit="refused"),
        Inmate(key="habis", permit="expired"),
        Inmate(key="langgar", permit="ended"),
    ),
    plans=(
        Plan(lots=(Lot(line="kemeja0/1", quantity=120),), stages=GARMENT_STAGES, crew=_GARMENT_CREW, pace=_KOKO_PACE,
             begins=-44, ends=-31, faults=_GARMENT_FAULTS),
        Plan(lots=(Lot(line="koko/1", quantity=200), Lot(line="koko/2", quantity=200)), stages=GARMENT_STAGES,
             crew=_GARMENT_CREW, pace=_KOKO_PACE, begins=-23, ends=-8, faults=_GARMENT_FAULTS),
        Plan(lots=[Lot(line="batik/1", quantity=120, colour=c)
                   for c in ("merah soga", "biru indigo", "hijau lumut", "cokelat sogan")],
             stages=BATIK_STAGES, crew=_BATIK_CREW, begins=-22, ends=0, faults=_BATIK_FAULTS,
             pace=dict.fromkeys(BATIK_STAGES, 11) | {"persiapan_kain": 14, "pengecapan": 9}, idle=(-6, -5),
             today={"pengecapan": 2, "pelorodan": 1, "qc": 1}),
        Plan(lots=(Lot(line="kemeja/1", quantity=320),), stages=GARMENT_STAGES, crew=_GARMENT_CREW, pace=_KEMEJA_PACE,
             begins=-10, ends=0, faults=_GARMENT_FAULTS, idle=(-6, -5, -4),
             today={"jahit": 4, "obras": 1, "lubang_kancing": 1, "qc": 1, "setrika": 1}),
        Plan(lots=(Lot(line="mukena/1", quantity=80),), stages=GARMENT_STAGES, crew=_GARMENT_CREW,
             pace=dict.fromkeys(GARMENT_STAGES, 12), begins=-9, ends=-7, faults=_GARMENT_FAULTS),
        Plan(lots=(Lot(line="tanaman/1", quantity=450),), stages=PLANT_STAGES, crew=_PLANT_CREW, begins=-40, ends=0,
             pace={"pembibitan": 90, "penyemaian": 60, "pindah_pot": 44, "perawatan": 24, "siap_jual": 17, "jual": 13},
             shifts=("pagi",),
             from_day={"penyemaian": -33, "pindah_pot": -24, "perawatan": -14, "siap_jual": -6, "jual": -4},
             faults=_PLANT_FAULTS, today={"perawatan": 1, "siap_jual": 1}),
    ),
    awards=(
        Award(inmate="jahit1", competence="menjahit", day=-60),
        Award(inmate="qc1", competence="pemeriksaan_mutu", day=-60),
        Award(inmate="potong1", competence="memotong_kain", day=-60),
        Award(inmate="batik2", competence="mengecap_batik", day=-45),
        *(Award(inmate=key, competence="menjahit", day=-9) for key in ("jahit2", "jahit3", "jahit4")),
        Award(inmate="obras1", competence="mengobras", day=-9),
        Award(inmate="kancing1", competence="lubang_kancing", day=-9),
        *(Award(inmate=key, competence="mengecap_batik", day=-1) for key in ("batik3", "batik4")),
        Award(inmate="batik5", competence="mewarnai_batik", day=-1),
        Award(inmate="tanam1", competence="budidaya_tanaman", day=-1),
        Award(inmate="tanam3", competence="merawat_tanaman", day=-1),
    ),
)  # fmt: skip

# -- Batang: the partner brings the bags cut

_BAG_ROUTE: Final = (
    Stage(key="jahit", name="Jahit", name_en="Sewing", minutes=12, competence="menjahit"),
    Stage(key="qc", name="QC", name_en="Quality control", minutes=2, competence="pemeriksaan_mutu", quality=True),
    Stage(key="kemas", name="Kemas", name_en="Packing", minutes=1),
)
_BAG_STAGES: Final = tuple(stage.key for stage in _BAG_ROUTE)
_BAG_CREW: Final = _crew(jahit=" ".join(_keys("jahit", 15)), qc="qc1 qc2", kemas="qc3")
_BAG_FAULTS: Final = (
    Fault(stage="jahit", defect="jahitan_loncat", share=0.012),
    Fault(stage="qc", defect="lepas", share=0.015),
)
BATANG: Final = Scene(
    code="BTG",
    workshops=(Workshop(template="garmen", name="Konveksi tas", target=2500, route=_BAG_ROUTE),),
    partners=(Partner(name="Tas Pantura", note="Potongan kain dari mitra"), Partner(name="Apotek Sehat Batang")),
    products=(
        Product(name="Tas kain kecil", kind="garmen", unit="pcs", rate=400),
        Product(name="Tas kain sedang", kind="garmen", unit="pcs", rate=550),
        Product(name="Tas kain besar", kind="garmen", unit="pcs", rate=700),
    ),
    orders=(
        Order(key="tas0", partner="Tas Pantura", created=-34, quoted=-34, accepted=-33, due=-29,
              lines=(Line(product="Tas kain sedang", cells=(("-", "-", 600),)),)),
        Order(key="tas", partner="Tas Pantura", created=-13, quoted=-13, accepted=-12, due=-8,
              note="Seribu tas dalam tiga hari; diambil mitra hari itu juga",
              lines=(
                  Line(product="Tas kain kecil", cells=(("-", "-", 400),)),
                  Line(product="Tas kain sedang", cells=(("-", "-", 350),)),
                  Line(product="Tas kain besar", cells=(("-", "-", 250),)),
              )),
        Order(key="tas2", partner="Tas Pantura", created=-4, accepted=-3, due=2,
              lines=(
                  Line(product="Tas kain kecil", cells=(("-", "-", 300),)),
                  Line(product="Tas kain besar", cells=(("-", "-", 500),)),
              )),
        Order(key="apotek", partner="Apotek Sehat Batang", created=-2, quoted=-1, due=14,
              lines=(Line(product="Tas kain sedang", cells=(("-", "-", 500),)),)),
    ),
    inmates=(
        *(Inmate(key=key) for key in (*_keys("jahit", 15), *_keys("qc", 3))),
        Inmate(key="usul1", permit="proposed"), Inmate(key="usul2", permit="proposed"),
        Inmate(key="setuju", permit="approved"), Inmate(key="tolak", permit="refused"),
        *(Inmate(key=key, permit="none") for key in _keys("baru", 4)),
    ),
    plans=(
        Plan(lots=(Lot(line="tas0/1", quantity=600),), stages=_BAG_STAGES, crew=_BAG_CREW, begins=-32, ends=-30,
             straight=True, faults=_BAG_FAULTS, pace={"jahit": 170, "qc": 240, "kemas": 240}),
        Plan(lots=[Lot(line=f"tas/{n}", quantity=quantity) for n, quantity in ((1, 400), (2, 350), (3, 250))],
             stages=_BAG_STAGES, crew=_BAG_CREW, begins=-11, ends=-9, straight=True, faults=_BAG_FAULTS,
             pace={"jahit": 190, "qc": 260, "kemas": 260}),
        Plan(lots=[Lot(line=f"tas2/{n}", quantity=quantity) for n, quantity in ((1, 300), (2, 500))],
             stages=_BAG_STAGES, crew=_BAG_CREW, begins=-1, ends=0, faults=_BAG_FAULTS,
             pace={"jahit": 150, "qc": 140, "kemas": 140}, today={"jahit": 11, "qc": 1, "kemas": 1}),
    ),
    awards=(
        *(Award(inmate=key, competence="menjahit", day=-7) for key in _keys("jahit", 6)),
        *(Award(inmate=key, competence="pemeriksaan_mutu", day=-1) for key in ("qc1", "qc2")),
    ),
)  # fmt: skip

# -- Semarang: a small beginning, so that its figures of people are too small to be shown

_UNIFORM_CREW: Final = _crew(
    potong="garmen1", bundel="garmen1", jahit="garmen2 garmen3 garmen4", obras="garmen5", lubang_kancing="garmen5",
    buang_benang="garmen1", qc="garmen6", setrika="garmen7", lipat="garmen7",
)  # fmt: skip
_UNIFORM_PACE: Final = dict.fromkeys(GARMENT_STAGES, 14) | {"potong": 20, "bundel": 20, "jahit": 11}
_SMALL_CREW: Final = _crew(
    pembibitan="tanam1", penyemaian="tanam1", pindah_pot="tanam2", perawatan="tanam2 tanam3", siap_jual="tanam3",
    jual="tanam3",
)  # fmt: skip
SEMARANG: Final = Scene(
    code="SMG",
    workshops=(
        Workshop(template="garmen", name="Garmen", target=250),
        Workshop(template="tanaman_hias", name="Rumah tanaman", target=40),
    ),
    partners=(Partner(name="Konveksi Simpang Lima"), Partner(name="Yayasan Tunas Harapan")),
    products=(
        Product(name="Seragam sekolah", kind="garmen", unit="pcs", rate=7500, sizes=_SIZES, colours=("putih",)),
        Product(name="Celemek", kind="garmen", unit="lusin", rate=3000, colours=("cokelat", "hitam")),
        Product(name="Sansevieria pot 12 cm", kind="tanaman_hias", unit="pot", rate=12000),
    ),
    orders=(
        Order(key="celemek", partner="Konveksi Simpang Lima", created=-36, accepted=-35, due=-24,
              lines=(Line(product="Celemek", cells=(("-", "cokelat", 36), ("-", "hitam", 36))),)),
        Order(key="tanaman", partner=None, created=-27, accepted=-27, due=20, own_material=True,
              lines=(Line(product="Sansevieria pot 12 cm", cells=(("-", "-", 90),)),)),
        Order(key="seragam1", partner="Yayasan Tunas Harapan", created=-26, quoted=-26, accepted=-25, due=-17,
              lines=(Line(product="Seragam sekolah", cells=_grid({"putih": (20, 40, 40, 20)})),)),
        Order(key="seragam2", partner="Yayasan Tunas Harapan", created=-12, accepted=-11, due=-3,
              lines=(Line(product="Seragam sekolah", cells=_grid({"putih": (30, 45, 45, 30)})),)),
        Order(key="konsep", partner="Konveksi Simpang Lima", created=-1, due=21,
              lines=(Line(product="Celemek", cells=(("-", "hitam", 60),)),)),
    ),
    inmates=(
        *(Inmate(key=key) for key in (*_keys("garmen", 7), *_keys("tanam", 3))),
        Inmate(key="usul1", permit="proposed"), Inmate(key="habis", permit="expired"),
        *(Inmate(key=key, permit="none") for key in _keys("baru", 5)),
    ),
    plans=(
        Plan(lots=(Lot(line="celemek/1", quantity=72),), stages=GARMENT_STAGES, crew=_UNIFORM_CREW, pace=_UNIFORM_PACE,
             begins=-34, ends=-26, faults=_GARMENT_FAULTS),
        Plan(lots=(Lot(line="seragam1/1", quantity=120),), stages=GARMENT_STAGES, crew=_UNIFORM_CREW,
             pace=_UNIFORM_PACE, begins=-24, ends=-12, faults=_GARMENT_FAULTS),
        Plan(lots=(Lot(line="seragam2/1", quantity=150),), stages=GARMENT_STAGES, crew=_UNIFORM_CREW,
             pace=dict.fromkeys(GARMENT_STAGES, 9) | {"potong": 16, "bundel": 16}, begins=-10, ends=0,
             faults=_GARMENT_FAULTS, today={"jahit": 2, "qc": 1}),
        Plan(lots=(Lot(line="tanaman/1", quantity=90),), stages=PLANT_STAGES, crew=_SMALL_CREW, begins=-26, ends=0,
             pace={"pembibitan": 24, "penyemaian": 15, "pindah_pot": 12, "perawatan": 9, "siap_jual": 6, "jual": 3},
             shifts=("pagi",),
             from_day={"penyemaian": -20, "pindah_pot": -14, "perawatan": -9, "siap_jual": -4, "jual": -2},
             faults=_PLANT_FAULTS, today={"perawatan": 1}),
    ),
    awards=(
        Award(inmate="garmen2", competence="menjahit", day=-2),
        Award(inmate="tanam1", competence="budidaya_tanaman", day=-1),
    ),
)  # fmt: skip

SCENES: Final = (PEKALONGAN, BATANG, SEMARANG)
