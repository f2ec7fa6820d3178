internal import Lyceum

/// The templates of the plugin's pages.
enum CourseTemplates {
    static let all: [any Contribution] = [
        Template(
            "courses.catalogue", file: path("catalogue"), PackageResources.catalogue_mustache,
            of: CataloguePages.View.self),
        Template("courses.course", file: path("course"), PackageResources.course_mustache, of: CoursePages.View.self),
        Template(
            "courses.edit", file: path("edit"), PackageResources.edit_mustache, of: EditingPages.View.self,
            form: CourseEdit.self),
        Template("courses.mine", file: path("mine"), PackageResources.mine_mustache, of: LearnerPages.View.self),
        Template(
            "courses.teaching", file: path("teaching"), PackageResources.teaching_mustache, of: TeachingPages.View.self,
            form: CourseForm.self),
    ]

    private static func path(_ name: String) -> String { "Courses/Pages/Templates/\(name).mustache" }
}
