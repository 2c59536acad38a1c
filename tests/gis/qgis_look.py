"""Run by the Python that has QGIS: open a project, print what QGIS makes of it as JSON, draw it."""

import json
import sys
from typing import Any

from qgis.core import (  # type: ignore[import-not-found]  # of the Python beside this environment
    QgsApplication,
    QgsFeatureRequest,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
)
from qgis.PyQt.QtCore import QSize  # type: ignore[import-not-found]  # as above

PATH, PICTURE = sys.argv[1:]


def layer_facts(layer: Any) -> dict[str, Any]:  # noqa: ANN401 - QGIS has no types
    metadata = layer.metadata()
    return {
        "valid": layer.isValid(),
        "count": layer.featureCount(),
        "crs": layer.crs().authid(),
        "renderer": layer.renderer().type() if layer.renderer() else None,
        "categories": len(layer.renderer().categories()) if hasattr(layer.renderer(), "categories") else 0,
        "licences": metadata.licenses(),
        "links": len(metadata.links()),
        "abstract": metadata.abstract(),
        "source": layer.source(),
    }


def related(project: Any, layer_id: str, feature_id: str) -> dict[str, int]:  # noqa: ANN401 - as above
    layer = project.mapLayer(layer_id)
    feature = next(layer.getFeatures(QgsFeatureRequest().setFilterExpression(f"id = '{feature_id}'")))
    relations = project.relationManager().referencedRelations(layer)
    return {relation.name(): sum(1 for _ in relation.getRelatedFeatures(feature)) for relation in relations}


def draw(project: Any) -> int:  # noqa: ANN401 - as above
    settings = QgsMapSettings()
    nodes = project.layerTreeRoot().findLayers()
    settings.setLayers([node.layer() for node in nodes if node.isVisible() and node.layer().isSpatial()])
    settings.setDestinationCrs(project.crs())
    settings.setExtent(project.viewSettings().defaultViewExtent())
    settings.setOutputSize(QSize(900, 450))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(PICTURE)
    return len({image.pixel(x, y) for x in range(0, 900, 3) for y in range(0, 450, 3)})


application = QgsApplication([], False)
application.initQgis()
project = QgsProject.instance()
opened = project.read(PATH)
print(  # noqa: T201
    json.dumps(
        {
            "opened": opened,
            "title": project.title(),
            "crs": project.crs().authid(),
            "layers": {layer_id: layer_facts(layer) for layer_id, layer in project.mapLayers().items()},
            "groups": [
                [group.name(), [[node.name(), node.isVisible()] for node in group.children()]]
                for group in project.layerTreeRoot().children()
            ],
            "relations": {name: r.isValid() for name, r in project.relationManager().relations().items()},
            "related": related(project, "vector_layer_railways", "cku-railway"),
            "colours": draw(project),
        }
    )
)
