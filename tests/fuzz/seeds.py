"""Small true files of each format, from which fuzzing starts."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
from shapely.geometry import LineString, MultiPolygon, Point, box

_COORDINATES = (
    '{"type":"Point","coordinates":[76.95,43.25,700]}',
    '{"type":"LineString","coordinates":[[179,60],[-179,62]]}',
    '{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[]]}',
    '{"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2]],[[0.5,0.5],[0.6,0.5],[0.6,0.6],[0.5,0.5]]]}',
    '{"type":"GeometryCollection","geometries":[{"type":"MultiPoint","coordinates":[[1,2]]},null]}',
    "null",
)
_FEATURES = [
    (
        f'{{"type":"Feature","id":{number},"properties":{{"n":{number},"t":"\\u0416\\ud800","o":{{"a":[1]}}}},'
        f'"bbox":[0,0,1,1],"geometry":{shape}}}'
    )
    for number, shape in enumerate(_COORDINATES)
]
_CRS = '"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}}'
GEOJSON = [
    '{"type":"FeatureCollection",' + _CRS + ',"features":[' + ",".join(_FEATURES) + "]}",
    '{"features":[' + _FEATURES[0] + '],"bbox":[1,2,3,4],"type":"FeatureCollection"}',
    *_FEATURES,
    *_COORDINATES[:5],
]
GEOJSONL = ["\n".join(_FEATURES), "\x1e" + "\n\x1e".join(_FEATURES)]
KML = [
    (
        '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>d</name><Schema '
        'id="s"><SimpleField type="int" name="n"/>'
        "</Schema><Folder><name>f</name><Placemark "
        'id="p"><name>a</name><TimeStamp><when>2013</when></TimeStamp><ExtendedData><Data name="k">'
        '<value>v</value></Data><SchemaData schemaUrl="#s"><SimpleData '
        'name="n">7</SimpleData></SchemaData></ExtendedData><MultiGeometry><Point>'
        "<coordinates>1,2,3</coordinates></Point><Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 1,0 1,1 "
        "0,0</coordinates></LinearRing>"
        "</outerBoundaryIs></Polygon></MultiGeometry></Placemark></Folder><NetworkLink/></Document></kml>"
    ),
    (
        '<kml xmlns:gx="g"><Placemark><gx:MultiTrack><gx:Track><when>2013</when><gx:coord>1 2 '
        "3</gx:coord><gx:coord>2 2 3</gx:coord></gx:Track>"
        "</gx:MultiTrack></Placemark><Placemark><LineString><coordinates>1, 2 3, "
        "4</coordinates></LineString></Placemark></kml>"
    ),
    "<!DOCTYPE kml [<!ENTITY a 'b'>]><kml>&a;</kml>",
]
GPX = [
    (
        '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="1" '
        'lon="2"><ele>3</ele><name>w</name></wpt><rte><rtept lat="1" lon="2"/>'
        '<rtept lat="2" lon="2"/></rte><trk><trkseg><trkpt lat="1" lon="2"><time>2013</time></trkpt><trkpt '
        'lat="1" lon="3"/></trkseg><trkseg/></trk></gpx>'
    ),
]
CSV = [
    'id,name,lon,lat\n1,a,1.5,2.5\n2,"b, c",,\n3,\'=d,200,5\n',
    "code;n;x;y\n007;1;1,5;2,5\n08;2,5;3;4\n",
    'wkt\tb\n"SRID=4326;LINESTRING Z (1 2 3, 4 5 6)"\ttrue\n"GEOMETRYCOLLECTION (POINT (1 2))"\tfalse\n',
]


def seeds(name: str) -> list[bytes]:
    """Give the seeds of one format by its ending."""
    texts = {"geojson": GEOJSON, "geojsonl": GEOJSONL, "kml": KML, "gpx": GPX, "csv": CSV}
    if name in texts:
        return [text.encode() for text in texts[name]]
    if name in ("zip", "kmz"):
        inner = {"zip": ("layer.geojson", GEOJSON[1]), "kmz": ("doc.kml", KML[0])}[name]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(*inner)
        return [packed.getvalue()]
    return _binary(name)


def _binary(name: str) -> list[bytes]:
    shapes = [Point(1, 2), LineString([(1, 2), (3, 4)]), MultiPolygon([box(0, 0, 1, 1), box(2, 2, 3, 3)])]
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number, shape in enumerate(shapes):
            frame = gpd.GeoDataFrame(
                {"t": ["Ж", None], "n": [1, 2], "r": [0.5, 1.5]}, geometry=[shape, shape], crs="EPSG:4326"
            )
            file = Path(folder) / f"{number}.{name}"
            write: Callable[..., None] = frame.to_parquet if name == "parquet" else frame.to_file
            write(file)
            if name != "shp":
                found.append(file.read_bytes())
                continue
            parts = [file.with_suffix(f".{part}").read_bytes() for part in ("shp", "shx", "dbf")]
            found.append(b"".join(len(part).to_bytes(2, "little") + part for part in parts))
    return found
