internal import Lyceum

/// The templates of the plugin's pages.
enum CourseTemplates {
    static let all: [any Contribution] = [
        Template("courses.catalogue", file: path("catalogue"), PackageResources.catalogue_mustache),
        Template("courses.course", file: path("course"), PackageResources.course_mustache),
        Template("courses.edit", file: path("edit"), PackageResources.edit_mustache),
        Template("courses.mine", file: path("mine"), PackageResources.mine_mustache),
        Template("courses.teaching", file: path("teaching"), PackageResources.teaching_mustache),
    ]

    private static func path(_ name: String) -> String { "Courses/Pages/Templates/\(name).mustache" }
}
